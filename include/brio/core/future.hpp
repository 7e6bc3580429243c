// SPDX-License-Identifier: BSL-1.0
// future<T>: a value that comes later, from a task or from a promise.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task_handle.hpp>
#include <brio/detail/join.hpp>

#include <type_traits>
#include <utility>

namespace brio::inline v0 {

/// One result that many may wait for; asyncio's `Future`. A `promise<T>` makes one and sets it; every `task<T>` is one.
/// Copies refer to the same future. Cancelling a future that a promise makes ends it at once. A failure that nobody
/// fetches is reported to the loop's exception handler when the last handle goes.
template <class T = void>
class future : public task_handle {
public:
    using value_type = T;

    future() noexcept = default;
    explicit future(detail::ref<detail::task_result<T>> state) noexcept : task_handle(std::move(state)) {}

    /// Waits until it is done: gives its value, throws its error, or `cancelled_error` when it was cancelled.
    /// Does not suspend when it is done. Any number of tasks may join; each gets a copy of the value (the value
    /// itself if it cannot be copied, or when called on an rvalue: `std::move(t).join()`).
    /// **Cancellation** of the joiner cancels the task or future joined, and the joiner goes on when that has ended; use
    /// `shield(x)` to prevent it. Joining oneself throws invalid_state_error. asyncio's `await task`.
    detail::join_operation<T> join(const source_location& where = source_location::current()) const& {
        return {state(), false, where};
    }
    detail::join_operation<T> join(const source_location& where = source_location::current()) && {
        require_task();
        return {detail::ref<detail::task_result<T>>(static_cast<detail::task_result<T>*>(state_.take()), detail::adopt), true,
                where};
    }

    /// The value when it is done; throws its error, cancelled_error, or invalid_state_error when it is not done.
    decltype(auto) result() const {
        require_done();
        detail::throw_unless_value(*state_);
        if constexpr (!std::is_void_v<T>) return static_cast<const T&>(state()->value());
    }

    /// For brio itself. Throws invalid_state_error for a handle without a task.
    [[nodiscard]] detail::ref<detail::task_result<T>> state() const {
        require_task();
        return detail::ref<detail::task_result<T>>(static_cast<detail::task_result<T>*>(state_.get()));
    }
};

}  // namespace brio::inline v0
