// SPDX-License-Identifier: BSL-1.0
// wait_for: wait for one awaitable, but not for longer than that.
#pragma once

#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/timed_wait.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace brio::inline v0 {

namespace detail {

/// Throws timeout_error: no time was given at all.
[[noreturn]] BRIO_API void throw_no_time();

template <class X>
class [[nodiscard("wait_for does nothing unless it is awaited: co_await it")]] wait_for_operation final
    : public timed_wait<await_result_t<X>> {
    using base = timed_wait<await_result_t<X>>;

public:
    wait_for_operation(X awaited, std::optional<time_point> deadline, source_location where)
        : base(deadline, where), awaited_(std::move(awaited)), where_(where) {}
    wait_for_operation(wait_for_operation&&) noexcept = default;

    bool ready() {
        scheduler& sched = scheduler::require("wait_for");
        const bool no_time = this->own_.when() && *this->own_.when() <= sched.turn_time();
        if constexpr (await_traits<X>::is_task) {
            this->shared_ = true;
            if (awaited_.state()->done()) {
                this->inner_ = awaited_.state();
                return true;
            }
        } else if (no_time) {
            drop(std::move(awaited_));
            throw_no_time();
        }
        this->inner_ = ensure_task(sched, std::move(awaited_), where_);
        return this->inner_->done();  // an eager one may be
    }

    void suspend() {
        try {
            this->enter_scope();
        } catch (...) {  // no memory for a timer
            if constexpr (!await_traits<X>::is_task) give_up(*this->inner_);
            throw;
        }
        base::suspend();
    }

private:
    static void drop(X) {}

    X awaited_;
    source_location where_;
};

}  // namespace detail

/// Waits for `x` (a coroutine, which then runs as a task; a task; an operation) for at most `limit`, and gives its
/// value or throws its error. When the time is up, `x` is cancelled, and once it has ended `timeout_error` is thrown.
/// Cleanup of `x` may take longer than the limit and is waited for; if `x` ends with a value or an error of its own
/// after all, that is the result. With a limit of 0 or less a coroutine is never started.
/// **Cancellation** cancels `x` and is thrown when that has ended. asyncio's `wait_for`; differs in that a coroutine
/// runs as a task of its own.
template <detail::any_awaitable X, class Rep, class Period>
detail::wait_for_operation<std::remove_cvref_t<X>> wait_for(
    X&& x, std::chrono::duration<Rep, Period> limit, source_location where = source_location::current()) {
    const detail::time_point now = detail::scheduler::require("wait_for").now();
    // The turn in which this is awaited may have begun before now.
    const bool no_time = limit <= limit.zero();
    const detail::time_point deadline = no_time ? detail::time_point::min() : detail::deadline_after(now, limit);
    return {std::forward<X>(x), deadline, where};
}

/// Without a limit: plain waiting.
template <detail::any_awaitable X>
detail::wait_for_operation<std::remove_cvref_t<X>> wait_for(
    X&& x, std::nullopt_t, source_location where = source_location::current()) {
    return {std::forward<X>(x), std::nullopt, where};
}

}  // namespace brio::inline v0
