// SPDX-License-Identifier: BSL-1.0
// So many requests a second, evenly spaced.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/sleep.hpp>

#include <algorithm>
#include <chrono>

namespace fetch {

class rate_limit {
public:
    /// 0: no limit.
    explicit rate_limit(double per_second)
        : interval_(per_second > 0 ? std::chrono::duration_cast<std::chrono::nanoseconds>(
                                         std::chrono::duration<double>(1 / per_second))
                                   : std::chrono::nanoseconds(0)) {}

    /// Completes when it is the caller's turn. Turns are given out in the order of the calls.
    brio::awaitable<> turn() {
        if (interval_.count() == 0) co_return;
        const auto now = brio::get_running_loop().time();
        const auto mine = std::max(next_, now);
        next_ = mine + interval_;
        if (mine > now) co_await brio::sleep_until(mine);
    }

private:
    std::chrono::nanoseconds interval_;
    std::chrono::steady_clock::time_point next_{};
};

} // namespace fetch
