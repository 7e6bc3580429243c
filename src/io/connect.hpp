// SPDX-License-Identifier: BSL-1.0
// Connecting to a host that may have several addresses.
#pragma once

#include "io/socket.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>

#include <memory>
#include <string>
#include <vector>

namespace brio::inline v0::detail {

/// A connected socket, or why there is none.
class BRIO_API connected {
public:
    explicit connected(std::unique_ptr<socket> made) noexcept : peer(std::move(made)) {}
    connected(boost::system::error_code reason, std::string text) noexcept : ec(reason), error(std::move(text)) {}

    std::unique_ptr<socket> peer;
    boost::system::error_code ec;
    std::string error;  // which addresses failed, and how
};

/// Tries the addresses in the order of RFC 8305: a new attempt every 250 ms, or as soon as one fails; the first
/// that succeeds wins, and the others are cancelled and closed before this completes. `asio::error::timed_out` when the
/// deadline passes first.
BRIO_API awaitable<connected> connect_any(std::vector<endpoint> addresses, time_point deadline);

/// `127.0.0.1:80`, `[::1]:80`
[[nodiscard]] BRIO_API std::string to_string(const endpoint& address);

}  // namespace brio::inline v0::detail
