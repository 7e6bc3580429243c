// SPDX-License-Identifier: BSL-1.0
// Durations of the caller's turned into points on the loop's clock, without overflow.
#pragma once

#include <brio/detail/timer_heap.hpp>

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <type_traits>

namespace brio::inline v0::detail {

/// `now + delay`, saturating; NaN throws std::invalid_argument.
template <class Rep, class Period>
time_point deadline_after(time_point now, std::chrono::duration<Rep, Period> delay) {
    if constexpr (std::is_floating_point_v<Rep>) {
        if (std::isnan(delay.count())) throw std::invalid_argument("a delay must not be NaN");
    }
    using wide = std::chrono::duration<double>;
    // A hundred years are for ever here, and leave room below time_point::max().
    constexpr std::chrono::hours forever(24 * 36525);
    if (wide(delay) >= wide(forever)) return now + forever;
    if (wide(delay) <= -wide(forever)) return now;
    return now + std::chrono::ceil<duration>(delay);
}

}  // namespace brio::inline v0::detail
