// SPDX-License-Identifier: BSL-1.0
// with_task_group: a body with children, none of which outlives it.
#pragma once

#include <brio/compose/task_group.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/group_wait.hpp>
#include <brio/detail/task_state.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

namespace detail {

template <class F>
concept group_body = std::is_invocable_v<std::decay_t<F>&, task_group&> &&
                     any_awaitable<std::invoke_result_t<std::decay_t<F>&, task_group&>>;

template <class F>
using group_body_result_t = await_result_t<std::invoke_result_t<std::decay_t<F>&, task_group&>>;

/// Keeps the function alive while its coroutine runs.
template <class F>
awaitable<group_body_result_t<F>> run_group_body(F function, task_group& group) {
    group_wait_base::begin_body(group);
    co_return co_await std::invoke(function, group);
}

template <class F>
class [[nodiscard("with_task_group does nothing unless it is awaited: co_await it")]] with_task_group_operation final
    : public group_wait_base {
public:
    using value_type = group_body_result_t<F>;

    with_task_group_operation(task_group* group, F function, const source_location& where)
        : group_wait_base(group, where), function_(std::move(function)) {}
    with_task_group_operation(with_task_group_operation&&) = default;

    void suspend() {
        ref<task_result<value_type>> body(new task_result<value_type>(scheduler::require("with_task_group"), where()), adopt);
        bridge::entry start = task_body(run_group_body<F>(std::move(function_), group()), *body);
        enter(body);
        body->start(std::move(start));
    }

    value_type resume() {
        const bool there = has_value();
        if constexpr (!std::is_void_v<value_type>) {
            if (!there) throw_no_value();
            return std::move(static_cast<task_result<value_type>&>(*body_).value());
        }
    }

private:
    F function_;
};

}  // namespace detail

/// Runs `body(group)`, a coroutine function, which starts children with `group.create_task(...)`, and completes when
/// the body and all children have ended: with the body's value. The body runs as a task of its own.
///
///     co_await brio::with_task_group([&](brio::task_group& group) -> brio::awaitable<> {
///         group.create_task(first());
///         group.create_task(second());
///         co_return;
///     });
///
/// **Failure**: the first child that fails, or the body if it fails, stops the others: they see `cancelled_error`. When
/// all have ended, the errors, also those that came while stopping, are thrown together as `exception_group`, each
/// with the name of its task; the same exception, thrown on by tasks that joined the failed one, counts once. A child
/// that ends cancelled is no failure, whoever cancelled it.
///
/// **Cancellation** of the caller goes to the body first; if that ends with it, or has ended already, to the children.
/// When all have ended, `cancelled_error` is thrown. A body that answers with a value has swallowed the request, and
/// the group goes on. Every request is passed on, not only the first. When there are errors too, they are thrown, and the
/// request stays for the next suspension.
///
/// **`group.cancel()`** ends the group without error. A body with a value should return before it is interrupted:
/// otherwise there is none to give, and invalid_state_error is thrown.
///
/// asyncio's `async with TaskGroup()`; differs in that the body runs as a task of its own.
template <class F>
    requires detail::group_body<F>
detail::with_task_group_operation<std::decay_t<F>> with_task_group(F&& body,
                                                                   source_location where = source_location::current()) {
    detail::check_callable<F>();
    return {nullptr, std::forward<F>(body), where};
}

/// The same with a group of the caller's, which others can reach. Throws invalid_state_error when it was used before.
template <class F>
    requires detail::group_body<F>
detail::with_task_group_operation<std::decay_t<F>> with_task_group(task_group& group, F&& body,
                                                                   source_location where = source_location::current()) {
    detail::check_callable<F>();
    return {&group, std::forward<F>(body), where};
}

}  // namespace brio::inline v0
