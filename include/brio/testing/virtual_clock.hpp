// SPDX-License-Identifier: BSL-1.0
// virtual_clock: time that stands still, and jumps to the next deadline when nothing else can move.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/scheduler.hpp>

#include <chrono>

namespace brio::inline v0::testing {

/// A clock for a loop in tests. A day of sleeping takes no time, and the order of deadlines is exact. It jumps only
/// when no task is ready and no I/O, thread job or other work is outstanding on the loop's io_context.
class BRIO_API virtual_clock final : public detail::clock_source {
public:
    virtual_clock() noexcept = default;
    ~virtual_clock() override;

    [[nodiscard]] detail::time_point now() const noexcept override { return now_; }
    bool advance_to(detail::time_point deadline) noexcept override {
        if (deadline > now_) now_ = deadline;
        return true;
    }
    /// How far it has come since it was made.
    [[nodiscard]] detail::duration elapsed() const noexcept { return now_ - start(); }

private:
    static detail::time_point start() noexcept { return detail::time_point(std::chrono::hours(1)); }
    detail::time_point now_ = start();
};

}  // namespace brio::inline v0::testing
