// SPDX-License-Identifier: BSL-1.0
// task<T> and create_task: coroutines that run concurrently.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/future.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task_handle.hpp>
#include <brio/core/task_options.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/callback.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/task_state.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0 {

/// A coroutine that runs by itself; asyncio's `Task`. Made by `create_task`. All it can do comes from `future`.
template <class T = void>
class task : public future<T> {
public:
    task() noexcept = default;
    explicit task(detail::ref<detail::task_result<T>> state) noexcept : future<T>(std::move(state)) {}
};

/// Runs `body` as a task on the running loop: its first step comes in the next turn, after what is queued already.
/// The name is for logs and `print_tasks`; without one it is `Task-N`. A failure that nobody fetches (by `join`,
/// `result` or `exception`) is reported to the loop's exception handler when the last handle goes.
/// Throws loop_error outside of a loop. asyncio's `create_task`.
template <class T>
task<T> create_task(awaitable<T> body, std::string name = {},
                    source_location where = source_location::current()) {
    detail::scheduler& sched = detail::scheduler::require("create_task");
    if (name.empty()) return task<T>(detail::spawn(sched, std::move(body), where));
    return task<T>(detail::spawn(sched, std::move(body), task_options().name(std::move(name)), where));
}

/// The same with options: `create_task(read(), task_options().name("reader").eager())`.
template <class T>
task<T> create_task(awaitable<T> body, task_options options, source_location where = source_location::current()) {
    return task<T>(detail::spawn(detail::scheduler::require("create_task"), std::move(body), std::move(options), where));
}

/// The same for an operation, `create_task(sleep(1s))`.
template <detail::operation Op>
task<typename Op::value_type> create_task(Op op, std::string name = {},
                                          source_location where = source_location::current()) {
    return create_task(detail::await_operation(std::move(op)), std::move(name), where);
}

template <detail::operation Op>
task<typename Op::value_type> create_task(Op op, task_options options,
                                          source_location where = source_location::current()) {
    return create_task(detail::await_operation(std::move(op)), std::move(options), where);
}

/// The same for a coroutine function, which is copied or moved into the task, so that its captures live as long as
/// the task runs.
template <class F>
    requires detail::coroutine_function<F>
task<detail::coroutine_result_t<F>> create_task(F&& function, std::string name = {},
                                                source_location where = source_location::current()) {
    detail::check_callable<F>();
    return create_task(detail::call_stored<std::decay_t<F>>(std::forward<F>(function)), std::move(name), where);
}

template <class F>
    requires detail::coroutine_function<F>
task<detail::coroutine_result_t<F>> create_task(F&& function, task_options options,
                                                source_location where = source_location::current()) {
    detail::check_callable<F>();
    return create_task(detail::call_stored<std::decay_t<F>>(std::forward<F>(function)), std::move(options), where);
}

namespace detail {

template <class F, class... Args>
task<coroutine_result_t<F, Args...>> create_task_at(source_location where, F&& function, Args&&... args) {
    check_callable<F>();
    return brio::create_task(
        call_stored<std::decay_t<F>, std::decay_t<Args>...>(std::forward<F>(function), std::forward<Args>(args)...),
        std::string(), where);
}

}  // namespace detail

/// The same for a coroutine function and its arguments, all copied or moved into the task.
template <class F, class Arg, class... Args>
    requires detail::coroutine_function<F, Arg, Args...>
task<detail::coroutine_result_t<F, Arg, Args...>> create_task(F&& function, Arg&& arg, Args&&... args) {
    return detail::create_task_at(source_location(), std::forward<F>(function), std::forward<Arg>(arg), std::forward<Args>(args)...);
}
// The same for one, two and three arguments: a parameter pack leaves no room for the caller's place, the task's `where()`.
template <class F, class A>
    requires detail::coroutine_function<F, A>
auto create_task(F&& function, A&& a, source_location where = source_location::current()) {
    return detail::create_task_at(where, std::forward<F>(function), std::forward<A>(a));
}
template <class F, class A, class B>
    requires detail::coroutine_function<F, A, B>
auto create_task(F&& function, A&& a, B&& b, source_location where = source_location::current()) {
    return detail::create_task_at(where, std::forward<F>(function), std::forward<A>(a), std::forward<B>(b));
}
template <class F, class A, class B, class C>
    requires detail::coroutine_function<F, A, B, C>
auto create_task(F&& function, A&& a, B&& b, C&& c, source_location where = source_location::current()) {
    return detail::create_task_at(where, std::forward<F>(function), std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
}

/// The task that runs this code. Throws loop_error outside of a loop; gives an empty handle inside a plain callback.
[[nodiscard]] BRIO_API task_handle current_task();

/// Every task of the running loop that is not done, in order of creation.
[[nodiscard]] BRIO_API std::vector<task_handle> all_tasks();

}  // namespace brio::inline v0
