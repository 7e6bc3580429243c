// SPDX-License-Identifier: BSL-1.0
// Connecting to a host that may have several addresses.
#pragma once

#include "io/address_order.hpp"
#include "io/socket.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brio::inline v0::detail {

/// An attempt that failed.
class BRIO_API connect_failure {
public:
    connect_failure(std::string to, const boost::system::error_code& reason) : peer(std::move(to)), ec(reason) {}
    std::string peer;  // the address, and what failed with it unless that was the connecting
    boost::system::error_code ec;
};

/// A connected socket, or why there is none.
class BRIO_API connected {
public:
    connected() noexcept = default;
    explicit connected(std::unique_ptr<socket> made) noexcept : peer(std::move(made)) {}
    explicit connected(connect_failure why);

    std::unique_ptr<socket> peer;
    boost::system::error_code ec;
    std::string error;  // which addresses failed, and how
    std::vector<connect_failure> failures;
};

/// What is the same for all attempts.
class connect_plan {
public:
    duration stagger = connect_stagger;
    std::optional<endpoint> local;
    bool keep_alive = true;  // TCP's
};

/// Tries the addresses in the order of RFC 8305: a new attempt every 250 ms (`plan.stagger`), or as soon as one fails; the
/// first that succeeds wins, and the others are cancelled and closed before this completes. `asio::error::timed_out` when the
/// deadline passes first.
BRIO_API awaitable<connected> connect_any(std::vector<endpoint> addresses, time_point deadline, connect_plan plan = connect_plan());

/// `127.0.0.1:80`, `[::1]:80`
[[nodiscard]] BRIO_API std::string to_string(const endpoint& address);

}  // namespace brio::inline v0::detail
