// SPDX-License-Identifier: BSL-1.0
// Name look-up on threads of our own: cached, coalesced, cancellable.
#pragma once

#include "io/socket.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/thread/thread_pool.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace brio::inline v0::detail {

/// Addresses of a host, or why there are none.
class BRIO_API resolved {
public:
    explicit resolved(std::vector<endpoint> found) noexcept : addresses(std::move(found)) {}
    explicit resolved(std::string failure, int reason = 0) noexcept : error(std::move(failure)), code(reason) {}

    std::vector<endpoint> addresses;
    std::string error;  // empty on success
    int code = 0;       // EAI_..., where there is one
};

/// What is looked up.
class BRIO_API name_query {
public:
    name_query(std::string name, std::string port_or_service) : host(std::move(name)), service(std::move(port_or_service)) {}

    std::string host;
    std::string service;
    int family = 0;       // AF_UNSPEC: both
    bool datagram = false;
    bool passive = false;    // an empty host stands for all interfaces, not for the loopback
    bool digits_only = false;
    bool fresh = false;      // neither from the cache nor from a look-up under way

    /// What the cache and those who ask at the same time know it by.
    [[nodiscard]] std::string key() const;
};

/// Looks `host` up; an address in digits is not looked up at all, nor is `localhost`,
/// which is 127.0.0.1 and ::1 (RFC 6761). Results are kept for 10 s, failures for 1 s.
/// Cancellation releases the caller; the look-up goes on for the others and for the cache.
BRIO_API awaitable<resolved> resolve(name_query query);
BRIO_API awaitable<resolved> resolve(std::string host, std::uint16_t port);

/// The threads on which the running loop looks names up.
[[nodiscard]] BRIO_API thread_pool& resolver_pool();

}  // namespace brio::inline v0::detail
