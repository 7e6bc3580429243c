// SPDX-License-Identifier: BSL-1.0
// timeout: a deadline that can be asked for and moved while the body it limits is running.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/handle.hpp>
#include <brio/detail/deadline.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/timer_heap.hpp>

#include <chrono>
#include <optional>

namespace brio::inline v0 {

namespace detail {
class task_state;
class timed_wait_base;
}  // namespace detail

/// The deadline of one `with_timeout`; asyncio's `Timeout`. Used once; neither copied nor moved. It belongs to the
/// loop's thread.
class BRIO_API timeout final : private detail::timer_node {
public:
    using time_point = detail::time_point;

    /// No deadline, until one is set.
    timeout() noexcept = default;
    /// A point on the loop's clock, or none.
    explicit timeout(std::optional<time_point> deadline) noexcept : deadline_(deadline) {}
    /// That long from now.
    template <class Rep, class Period>
    explicit timeout(std::chrono::duration<Rep, Period> delay)
        : deadline_(detail::deadline_after(detail::scheduler::require("timeout").now(), delay)) {}
    ~timeout();

    /// The deadline in force, none when disabled.
    [[nodiscard]] std::optional<time_point> when() const noexcept { return deadline_; }
    /// Moves the deadline, or takes it away; also from another task. A deadline in the past interrupts the body at
    /// its next suspension. Throws invalid_state_error when it has expired or the body has ended.
    void reschedule(std::optional<time_point> deadline);
    /// The deadline passed while the body ran.
    [[nodiscard]] bool expired() const noexcept { return expired_; }

private:
    friend class detail::timed_wait_base;
    enum class phase { fresh, active, finished };

    void enter(detail::task_state& inner);
    void leave() noexcept;
    void arm();
    void disarm() noexcept;
    void fire_soon();
    void fire() noexcept override;

    std::optional<time_point> deadline_;
    detail::task_state* inner_ = nullptr;
    handle soon_;  // of a deadline that had passed already
    phase phase_ = phase::fresh;
    bool expired_ = false;
};

}  // namespace brio::inline v0
