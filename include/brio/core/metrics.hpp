// SPDX-License-Identifier: BSL-1.0
// What a loop has done so far, in numbers.
#pragma once

#include <brio/core/config.hpp>

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace brio::inline v0 {

/// Counts delays in buckets of powers of two of a microsecond: bucket 0 holds those under 1 us, bucket i those from
/// 2^(i-1) us up to 2^i us, the last one everything longer.
class lag_histogram {
public:
    static constexpr std::size_t buckets = 32;

    void add(std::chrono::nanoseconds lag) noexcept { ++counts_[bucket_of(lag)]; }
    [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket]; }
    /// What the delays of `bucket` are under.
    [[nodiscard]] static std::chrono::microseconds upper_bound(std::size_t bucket) noexcept {
        return bucket + 1 < buckets ? std::chrono::microseconds(std::int64_t{1} << bucket) : std::chrono::microseconds::max();
    }
    [[nodiscard]] std::uint64_t total() const noexcept {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : counts_) sum += count;
        return sum;
    }
    /// The upper bound of the bucket below which a `share` of all delays lies: `percentile(0.99)`. 0 when there are none.
    [[nodiscard]] std::chrono::microseconds percentile(double share) const noexcept {
        const std::uint64_t all = total();
        if (all == 0) return std::chrono::microseconds(0);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < buckets; ++i) {
            sum += counts_[i];
            if (static_cast<double>(sum) >= share * static_cast<double>(all)) return upper_bound(i);
        }
        return std::chrono::microseconds::max();
    }

private:
    static std::size_t bucket_of(std::chrono::nanoseconds lag) noexcept {
        if (lag.count() < 1000) return 0;
        const auto width = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(lag.count() / 1000)));
        return width < buckets ? width : buckets - 1;
    }

    std::array<std::uint64_t, buckets> counts_{};
};

/// A snapshot that `loop.metrics()` takes; subtract an older one from it for rates.
struct BRIO_API loop_metrics {
    loop_metrics() = default;

    std::uint64_t steps = 0;  ///< Task steps and callbacks that ran through the ready queue.
    std::uint64_t turns = 0;  ///< Snapshots of the ready queue.
    std::uint64_t polls = 0;  ///< Times that the loop looked at I/O and timers before it ran a turn.
    std::size_t ready = 0;      ///< What stands in the ready queue now.
    std::size_t max_ready = 0;  ///< The longest turn so far.
    std::size_t timers = 0;     ///< Armed now.
    std::uint64_t tasks_created = 0;
    std::uint64_t tasks_finished = 0;
    std::size_t tasks_not_started = 0;
    std::size_t tasks_ready = 0;
    std::size_t tasks_running = 0;  ///< 1 when a task asks, 0 when a callback does.
    std::size_t tasks_waiting = 0;
    std::uint64_t slow_steps = 0;  ///< Counted in debug mode only.
    lag_histogram timer_lag;       ///< How much later than its deadline each timer fired.
    /// How long a turn's work stood in the queue at most, each time that the loop was too busy to sleep.
    lag_histogram turn_lag;
};

}  // namespace brio::inline v0
