// SPDX-License-Identifier: BSL-1.0
// The order in which the addresses of a host are tried (RFC 8305).
#pragma once

#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

/// Pause before the next address is tried while earlier attempts still run.
inline constexpr std::chrono::milliseconds connect_stagger{250};

/// Interleaves the two families, beginning with the family of the first address and keeping the resolver's
/// order within each: 6 6 6 4 4 becomes 6 4 6 4 6. `is_v6(address)` tells the family.
template <class Address, class IsV6>
void interleave_families(std::vector<Address>& addresses, IsV6 is_v6) {
    if (addresses.size() < 2) return;
    std::vector<Address> own;
    std::vector<Address> other;
    const bool first = is_v6(addresses.front());
    for (auto& a : addresses) {
        auto& side = is_v6(a) == first ? own : other;
        side.push_back(std::move(a));
    }
    addresses.clear();
    for (std::size_t i = 0; i < own.size() || i < other.size(); ++i) {
        if (i < own.size()) addresses.push_back(std::move(own[i]));
        if (i < other.size()) addresses.push_back(std::move(other[i]));
    }
}

} // namespace brio::inline v0::detail
