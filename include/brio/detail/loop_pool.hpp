// SPDX-License-Identifier: BSL-1.0
// What is run in the loops of a pool, and how several of them are awaited.
#pragma once

#include <brio/compose/with_task_group.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/remote_call.hpp>

#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

/// A loop of a pool, with its thread.
class pool_thread;

/// Its address. Throws loop_error once the pool is closed.
[[nodiscard]] BRIO_API remote_loop open_remote_loop(const pool_thread& thread);

template <class F, class... Args>
concept remote_function = std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>;

template <class F, class... Args>
struct remote_result {
    using type = std::remove_cvref_t<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;
};
template <class F, class... Args>
    requires coroutine_function<F, Args...>
struct remote_result<F, Args...> {
    using type = coroutine_result_t<F, Args...>;
};
template <class F, class... Args>
using remote_result_t = typename remote_result<F, Args...>::type;

/// Of all loops: a vector, or nothing.
template <class F, class... Args>
using remote_results_t = std::conditional_t<std::is_void_v<remote_result_t<F, Args...>>, void,
                                            std::vector<no_void_t<remote_result_t<F, Args...>>>>;

/// The coroutine for either kind of function.
template <class F, class... Args>
awaitable<remote_result_t<F, Args...>> remote_body(F function, Args... args) {
    if constexpr (coroutine_function<F, Args...>) {
        co_return co_await std::invoke(function, std::move(args)...);
    } else {
        co_return std::invoke(function, std::move(args)...);
    }
}

template <class T>
awaitable<std::conditional_t<std::is_void_v<T>, void, std::vector<no_void_t<T>>>> run_together(std::vector<remote_join<T>> calls) {
    std::vector<task<T>> children;
    const auto body = [&calls, &children](task_group& group) -> awaitable<> {
        for (remote_join<T>& call : calls) children.push_back(group.create_task(std::move(call)));
        co_return;
    };
    co_await with_task_group(body);
    if constexpr (!std::is_void_v<T>) {
        std::vector<T> values;
        values.reserve(children.size());
        for (task<T>& child : children) values.push_back(take_result<T>(*child.state(), true));
        co_return values;
    }
}

}  // namespace brio::inline v0::detail
