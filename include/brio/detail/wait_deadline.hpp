// SPDX-License-Identifier: BSL-1.0
// The deadline of a wait for tasks, which leaves the tasks alone when it passes.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/deadline.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/timer_heap.hpp>
#include <brio/detail/waiter.hpp>

#include <optional>

namespace brio::inline v0::detail {

/// Wakes one waiter at a deadline, behind everything else that is due at the same moment: a task that completes then
/// counts as complete. Movable until it is armed.
class BRIO_API wait_deadline final : private timer_node {
public:
    explicit wait_deadline(std::optional<time_point> when) noexcept : when_(when) {}
    wait_deadline(wait_deadline&& other) noexcept : timer_node(), when_(other.when_) {}
    ~wait_deadline();

    void set(std::optional<time_point> when) noexcept { when_ = when; }
    /// No effect without a deadline. The waiter is taken out of any list when the deadline wakes it.
    void arm(scheduler& sched, waiter& waiting);
    void disarm() noexcept;
    [[nodiscard]] bool passed() const noexcept { return passed_; }

private:
    void fire() noexcept override;

    std::optional<time_point> when_;
    scheduler* sched_ = nullptr;
    waiter* waiting_ = nullptr;
    bool is_last_ = false;  // behind the other timers of this moment
    bool passed_ = false;
};

/// A duration of the caller's as one that can be added to any time; NaN throws std::invalid_argument.
template <class Rep, class Period>
duration bounded(std::chrono::duration<Rep, Period> delay) {
    return deadline_after(time_point(), delay) - time_point();
}

}  // namespace brio::inline v0::detail
