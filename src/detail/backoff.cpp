// SPDX-License-Identifier: BSL-1.0
// Exponential backoff.
#include <brio/detail/backoff.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace brio::inline v0::detail {

std::chrono::nanoseconds backoff(unsigned failures, std::chrono::nanoseconds first, double factor,
                                 std::chrono::nanoseconds most, double jitter, double random) noexcept {
    const auto longest = static_cast<double>(most.count());
    const double grown = static_cast<double>(first.count()) * std::pow(factor, failures > 0 ? failures - 1 : 0);
    const double full = std::min(grown, longest);  // no overflow: infinity is more than `most`, too
    const double pause = full * (1 - jitter + jitter * std::clamp(random, 0.0, 1.0));
    if (!(pause < 9.2e18)) return std::chrono::nanoseconds::max();
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::max(pause, 0.0)));
}

}  // namespace brio::inline v0::detail
