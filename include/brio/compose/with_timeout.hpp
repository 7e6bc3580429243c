// SPDX-License-Identifier: BSL-1.0
// with_timeout: a body that is interrupted at a deadline.
#pragma once

#include <brio/compose/timeout.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/timed_wait.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace brio::inline v0 {

namespace detail {

template <class T>
class [[nodiscard("with_timeout does nothing unless it is awaited: co_await it")]] with_timeout_operation final
    : public timed_wait<T> {
public:
    with_timeout_operation(timeout& scope, awaitable<T> body, source_location where)
        : timed_wait<T>(scope, where), body_(std::move(body)), where_(where) {}
    with_timeout_operation(std::optional<time_point> deadline, awaitable<T> body, source_location where)
        : timed_wait<T>(deadline, where), body_(std::move(body)), where_(where) {}
    with_timeout_operation(with_timeout_operation&&) noexcept = default;

    bool ready() {
        scheduler& sched = scheduler::require("with_timeout");
        ref<task_result<T>> made(new task_result<T>(sched, where_), adopt);
        this->inner_ = made;
        this->enter_scope();
        made->start(task_body(std::move(body_), *made));
        return made->done();  // an eager one may be
    }

private:
    awaitable<T> body_;
    source_location where_;
};

}  // namespace detail

/// Runs `body` and interrupts it when `delay` has passed: the body sees `cancelled_error`, the caller
/// `timeout_error`. A body always gets to its first suspension, also with a delay of zero. A body that swallows the
/// interruption and ends normally just ends normally; another error that it throws instead is thrown.
/// **Cancellation** of the caller is passed on to the body and leaves as `cancelled_error`, deadline or not.
/// `body` is any awaitable, or a coroutine function; it runs as a task of its own. asyncio's `async with timeout()`.
template <class Rep, class Period, detail::any_awaitable X>
detail::with_timeout_operation<detail::await_result_t<X>> with_timeout(
    std::chrono::duration<Rep, Period> delay, X&& body, source_location where = source_location::current()) {
    const detail::time_point deadline = detail::deadline_after(detail::scheduler::require("with_timeout").now(), delay);
    return {std::optional(deadline), detail::as_coroutine(std::forward<X>(body)), where};
}

/// The same with a `timeout` of the caller's, which can be asked and rescheduled meanwhile.
template <detail::any_awaitable X>
detail::with_timeout_operation<detail::await_result_t<X>> with_timeout(
    timeout& scope, X&& body, source_location where = source_location::current()) {
    return {scope, detail::as_coroutine(std::forward<X>(body)), where};
}

template <class Rep, class Period, class F>
    requires detail::coroutine_function<F>
detail::with_timeout_operation<detail::coroutine_result_t<F>> with_timeout(
    std::chrono::duration<Rep, Period> delay, F&& body, source_location where = source_location::current()) {
    detail::check_callable<F>();
    return with_timeout(delay, detail::call_stored<std::decay_t<F>>(std::forward<F>(body)), where);
}

template <class F>
    requires detail::coroutine_function<F>
detail::with_timeout_operation<detail::coroutine_result_t<F>> with_timeout(
    timeout& scope, F&& body, source_location where = source_location::current()) {
    detail::check_callable<F>();
    return with_timeout(scope, detail::call_stored<std::decay_t<F>>(std::forward<F>(body)), where);
}

/// The same until a point on the loop's clock (`loop.time()`); without one there is no deadline. asyncio's `timeout_at`.
template <detail::any_awaitable X>
detail::with_timeout_operation<detail::await_result_t<X>> timeout_at(
    std::optional<timeout::time_point> when, X&& body, source_location where = source_location::current()) {
    return {when, detail::as_coroutine(std::forward<X>(body)), where};
}

template <class F>
    requires detail::coroutine_function<F>
detail::with_timeout_operation<detail::coroutine_result_t<F>> timeout_at(
    std::optional<timeout::time_point> when, F&& body, source_location where = source_location::current()) {
    detail::check_callable<F>();
    return timeout_at(when, detail::call_stored<std::decay_t<F>>(std::forward<F>(body)), where);
}

}  // namespace brio::inline v0
