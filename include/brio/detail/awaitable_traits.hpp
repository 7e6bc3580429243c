// SPDX-License-Identifier: BSL-1.0
// What can be awaited and composed: coroutines, tasks, operations; and how each becomes a task.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/result.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/operation.hpp>
#include <brio/detail/task_state.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {
template <class T>
class future;
template <class T>
class task;
}

namespace brio::inline v0::detail {

template <class X>
struct await_traits {
    static constexpr bool is_awaitable = false;
};

template <class T>
struct await_traits<awaitable<T>> {
    static constexpr bool is_awaitable = true;
    static constexpr bool is_task = false;
    using type = T;
};

template <class T>
struct await_traits<future<T>> {
    static constexpr bool is_awaitable = true;
    static constexpr bool is_task = true;
    using type = T;
};

template <class T>
struct await_traits<task<T>> : await_traits<future<T>> {};

template <operation Op>
struct await_traits<Op> {
    static constexpr bool is_awaitable = true;
    static constexpr bool is_task = false;
    using type = typename Op::value_type;
};

template <class X>
concept any_awaitable = await_traits<std::remove_cvref_t<X>>::is_awaitable;

/// Whether composing an `X` makes a task of it; a task or future is there already, and its owner's.
template <class X>
inline constexpr bool makes_task = false;
template <any_awaitable X>
inline constexpr bool makes_task<X> = !await_traits<std::remove_cvref_t<X>>::is_task;

template <class X>
using await_result_t = typename await_traits<std::remove_cvref_t<X>>::type;

/// The type of a value in a tuple or a list: `void` has none.
template <class T>
using no_void_t = std::conditional_t<std::is_void_v<T>, nothing, T>;

template <class F, class... Args>
concept coroutine_function = std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...> &&
                             any_awaitable<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

template <class F, class... Args>
using coroutine_result_t = await_result_t<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;

template <operation Op>
awaitable<typename Op::value_type> await_operation(Op op) {
    co_return co_await std::move(op);
}

template <class T>
awaitable<T> await_task(future<T> joined) {
    co_return co_await joined.join();
}

/// A coroutine out of anything awaitable.
template <class T>
awaitable<T> as_coroutine(awaitable<T> body) {
    return body;
}
template <operation Op>
awaitable<typename Op::value_type> as_coroutine(Op op) {
    return await_operation(std::move(op));
}
template <class T>
awaitable<T> as_coroutine(future<T> joined) {
    return await_task(std::move(joined));
}
template <class T>
awaitable<T> as_coroutine(task<T> joined) {
    return await_task<T>(std::move(joined));
}

/// Keeps the callable and its arguments alive while the coroutine that it made runs.
template <class F, class... Args>
awaitable<coroutine_result_t<F, Args...>> call_stored(F function, Args... args) {
    co_return co_await std::invoke(function, std::move(args)...);
}

/// The task behind `x`: the same one when `x` is a task, a new one otherwise. Throws loop_error when it is another loop's.
template <any_awaitable X>
ref<task_result<await_result_t<X>>> ensure_task(scheduler& sched, X&& x, source_location where) {
    if constexpr (await_traits<std::remove_cvref_t<X>>::is_task) {
        auto task = x.state();
        require_own(sched, *task);
        return task;
    } else {
        return spawn(sched, as_coroutine(std::forward<X>(x)), where);
    }
}

/// Nobody will wait for `task`, which has just been made: it is stopped, without a report.
inline void give_up(task_state& task) noexcept {
    task.mark_fetched();
    task.cancel({});
}

}  // namespace brio::inline v0::detail
