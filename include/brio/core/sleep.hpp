// SPDX-License-Identifier: BSL-1.0
// sleep: give way for a while.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/deadline.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/timer_heap.hpp>

#include <chrono>
#include <utility>

namespace brio::inline v0 {

namespace detail {

class [[nodiscard("sleep does nothing unless it is awaited: co_await it")]] BRIO_API sleep_operation final
    : public operation_base,
      public timer_node {
public:
    using value_type = void;

    /// No deadline: one turn.
    explicit sleep_operation(const source_location& where) noexcept : operation_base(where) {}
    sleep_operation(time_point until, const source_location& where) noexcept
        : operation_base(where), until_(until), has_deadline_(true) {}
    sleep_operation(sleep_operation&& other) noexcept
        : operation_base(std::move(other)), timer_node(), until_(other.until_), has_deadline_(other.has_deadline_) {}
    ~sleep_operation();

    static bool ready() noexcept { return false; }
    void suspend();
    static void resume() noexcept {}

    void fire() noexcept override { wake(); }
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "sleep"; }

private:
    time_point until_{};
    bool has_deadline_ = false;
};

}  // namespace detail

/// Suspends the task until `delay` after this call, never shorter; 0 or less gives way for exactly one turn of the loop.
/// Equal deadlines wake in FIFO order. With a delay it throws loop_error outside of a loop. **Cancellation** ends the sleep at once and takes its timer away; when the deadline has passed
/// already, the sleep ends normally and the cancel comes at the next suspension. A floating-point NaN throws
/// std::invalid_argument. asyncio's `sleep`.
template <class Rep, class Period>
detail::sleep_operation sleep(std::chrono::duration<Rep, Period> delay,
                              const source_location& where = source_location::current()) {
    if (delay <= delay.zero()) return detail::sleep_operation(where);
    const detail::time_point now = detail::scheduler::require("sleep").now();
    return detail::sleep_operation(detail::deadline_after(now, delay), where);
}

/// Suspends the task until `when` on the loop's clock (`loop.time()`), at least for one turn.
inline detail::sleep_operation sleep_until(std::chrono::steady_clock::time_point when,
                                           const source_location& where = source_location::current()) {
    return detail::sleep_operation(when, where);
}

}  // namespace brio::inline v0
