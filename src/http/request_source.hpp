// SPDX-License-Identifier: BSL-1.0
// request_source: where a request finds the rest of its body.
#pragma once

#include <brio/core/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0::http::detail {

/// Belongs to a connection, and is cut off from it when the reply has been sent.
class request_source {
public:
    virtual ~request_source() = default;
    /// The next piece; nothing at the end.
    virtual awaitable<std::optional<std::string>> next_piece() = 0;
    /// What `server_request::read` may give; and what was announced.
    [[nodiscard]] virtual std::uint64_t most() const noexcept = 0;
    [[nodiscard]] virtual std::optional<std::uint64_t> announced() const noexcept = 0;
};

}  // namespace brio::inline v0::http::detail
