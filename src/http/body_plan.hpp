// SPDX-License-Identifier: BSL-1.0
// How an outgoing body is framed, and the guard that keeps the bytes produced in step with what was
// announced.
#pragma once

#include "parser_types.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// The body of a message to be written: nothing, so many bytes, or chunks until it ends.
struct body_plan {
    framing kind = framing::none;
    std::uint64_t length = 0;

    static body_plan none() { return {}; }
    static body_plan sized(std::uint64_t n) { return {framing::length, n}; }
    static body_plan chunked() { return {framing::chunked, 0}; }
};

/// Frames the pieces of a streamed body and refuses a piece too much or too little.
class body_framer {
public:
    explicit body_framer(const body_plan& plan) : plan_(plan) {}

    /// Appends what must be sent before these `size` bytes of body to `out` and returns true, or returns
    /// false when the piece is empty and must be skipped. Throws invalid_request when it exceeds the
    /// announced length.
    bool before(std::size_t size, std::string& out);
    /// Appends what must follow the piece.
    void after(std::string& out) const;
    /// Appends the end of the body. Throws invalid_request when less than the announced length was produced.
    void finish(std::string& out) const;

    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

private:
    body_plan plan_;
    std::uint64_t sent_ = 0;
};

} // namespace brio::inline v0::http::detail
