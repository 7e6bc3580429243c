// SPDX-License-Identifier: BSL-1.0
// Name look-up on threads of our own: cached, coalesced, cancellable.
#pragma once

#include "io/socket.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace brio::inline v0::detail {

/// Addresses of a host, or why there are none.
class BRIO_API resolved {
public:
    explicit resolved(std::vector<endpoint> found) noexcept : addresses(std::move(found)) {}
    explicit resolved(std::string failure) noexcept : error(std::move(failure)) {}

    std::vector<endpoint> addresses;
    std::string error;  // empty on success
};

/// Looks `host` up; an address in digits is not looked up at all, nor is `localhost`,
/// which is 127.0.0.1 and ::1 (RFC 6761). Results are kept for 10 s, failures for 1 s.
/// Cancellation releases the caller; the look-up goes on for the others and for the cache.
BRIO_API awaitable<resolved> resolve(std::string host, std::uint16_t port);

}  // namespace brio::inline v0::detail
