// SPDX-License-Identifier: BSL-1.0
// Push parser for responses: strict framing, bounded memory, body bytes handed out in place.
#pragma once

#include "parser_types.hpp"

#include <brio/http/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Which request the response answers, as far as framing depends on it.
enum class request_kind : unsigned char {
    normal,
    head,    ///< no body, whatever the head announces
    connect, ///< a 2xx has no body: the connection becomes a tunnel
    upgrade, ///< 101 is a valid answer
};

/// Parses one response after another from a connection; lives as long as the connection and keeps its memory.
///
/// Loop: `reset(kind)`, then `feed(bytes not consumed so far)` until done(). feed() returns at the first
/// event. When the body is framed by Content-Length the caller may read `remaining()` bytes from the
/// connection straight into its own memory and tell account_body(). All violations throw protocol_error.
class response_parser {
public:
    explicit response_parser(const parser_limits& limits = {});
    ~response_parser();
    response_parser(response_parser&&) noexcept;
    response_parser& operator=(response_parser&&) noexcept;

    /// Forgets the previous response; call before each one.
    void reset(request_kind kind);

    parse_result feed(std::string_view in);
    /// The connection ended. Returns when that completes the response; else throws incomplete_body, or
    /// connection_lost when no byte of it had arrived. `truncated`: TLS ended without close_notify, which
    /// only matters to a body that ends with the connection.
    void feed_eof(bool truncated = false);

    /// The caller has received `n` <= remaining() body bytes without feed(); framing::length only.
    void account_body(std::size_t n) noexcept;

    [[nodiscard]] bool got_some() const noexcept;  ///< a byte of the response was seen
    [[nodiscard]] bool head_done() const noexcept; ///< the final head is complete
    [[nodiscard]] bool done() const noexcept;      ///< the response is complete
    [[nodiscard]] unsigned status() const noexcept;
    [[nodiscard]] std::string_view reason() const noexcept;
    [[nodiscard]] int version() const noexcept;      ///< 10 or 11
    [[nodiscard]] http::headers& headers() noexcept; ///< may be moved from once the head is complete
    [[nodiscard]] http::headers& trailers() noexcept;
    [[nodiscard]] framing body_framing() const noexcept;
    /// The announced length, also of a HEAD or 304 response.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;
    /// framing::length: body bytes still missing; 0 otherwise.
    [[nodiscard]] std::uint64_t remaining() const noexcept;
    /// Body bytes so far.
    [[nodiscard]] std::uint64_t received() const noexcept;
    /// The peer lets the connection live on after this response.
    [[nodiscard]] bool keep_alive() const noexcept;
    /// The connection may serve another request: complete, keep_alive(), and no byte came behind the
    /// response.
    [[nodiscard]] bool reusable(std::size_t surplus_bytes) const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace brio::inline v0::http::detail
