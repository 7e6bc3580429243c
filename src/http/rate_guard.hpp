// SPDX-License-Identifier: BSL-1.0
// rate_guard: how long to wait for a client that always does just enough not to be timed out. No I/O.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace brio::inline v0::http::detail {

/// Watches one body in one direction. The time in which the server itself was busy does not count.
class rate_guard {
public:
    using duration = std::chrono::steady_clock::duration;

    /// At most `longest` without any progress, and, from `grace` on, `rate` bytes per second on average; 0: any.
    rate_guard(duration longest, std::uint64_t rate, duration grace) noexcept : longest_(longest), rate_(rate), grace_(grace) {}

    /// How long the wait that begins now may take; duration::max() for ever.
    [[nodiscard]] duration patience() const noexcept {
        const duration silent = longest_ > duration::zero() ? longest_ : duration::max();
        if (rate_ == 0) return silent;
        return std::max(duration::zero(), std::min(silent, earned() - waited_));
    }
    /// A wait has ended with that many bytes.
    void waited(duration time, std::size_t bytes) noexcept {
        waited_ += time;
        bytes_ += bytes;
    }

private:
    // In whole seconds and rests, lest it overflow.
    [[nodiscard]] duration earned() const noexcept {
        constexpr std::uint64_t most = 1'000'000'000;
        const std::uint64_t seconds = std::min(bytes_ / rate_, most);
        const std::uint64_t millis = bytes_ % rate_ * 1000 / rate_;
        return grace_ + std::chrono::seconds(seconds) + std::chrono::milliseconds(millis);
    }

    duration longest_;
    std::uint64_t rate_;
    duration grace_;
    duration waited_{};
    std::uint64_t bytes_ = 0;
};

}  // namespace brio::inline v0::http::detail
