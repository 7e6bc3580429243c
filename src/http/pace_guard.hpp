// SPDX-License-Identifier: BSL-1.0
// Peers that send just enough to stay below every limit on silence. Time comes from outside.
#pragma once

#include <chrono>
#include <cstdint>

namespace brio::inline v0::http::detail {

/// At least so many bytes in each span of waiting. What the reader does between two reads does not count.
class pace_guard {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    pace_guard() noexcept = default;
    pace_guard(std::uint64_t bytes, duration span) noexcept : least_(bytes), span_(span) {}

    /// A read that begins now must have ended by then.
    [[nodiscard]] time_point deadline(time_point now) const noexcept {
        return least_ == 0 ? time_point::max() : now + (span_ - waited_);
    }
    /// A read that took `wait` gave so many bytes. False: too few came within a span.
    [[nodiscard]] bool count(std::uint64_t bytes, duration wait) noexcept {
        if (least_ == 0) return true;
        bytes_ += bytes;
        waited_ += wait;
        if (bytes_ < least_) return waited_ < span_;
        bytes_ = 0;
        waited_ = {};
        return true;
    }
    [[nodiscard]] std::uint64_t least() const noexcept { return least_; }
    [[nodiscard]] duration span() const noexcept { return span_; }

private:
    std::uint64_t least_ = 0; // 0: no limit
    duration span_{};
    std::uint64_t bytes_ = 0; // in this span
    duration waited_{};
};

} // namespace brio::inline v0::http::detail
