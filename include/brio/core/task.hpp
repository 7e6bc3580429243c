// SPDX-License-Identifier: BSL-1.0
// task<T> and create_task: coroutines that run concurrently.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
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

/// An untyped handle of a task: copies refer to the same task. The task lives until it has ended whether or not
/// anybody holds a handle. Use it on the loop's thread; the last copy may be dropped anywhere.
class BRIO_API task_handle {
public:
    task_handle() noexcept = default;
    explicit task_handle(detail::ref<detail::task_state> state) noexcept : state_(std::move(state)) {}

    /// Asks the task to stop: `cancelled_error` is thrown, once, at the `co_await` where it waits now, or at its next
    /// one that really waits. A task that has not begun never begins. A result that is there already is delivered
    /// first. What the task waits for is cancelled at once: a joined task, a gather's children. Every call counts
    /// (`cancelling()`); several before delivery throw once. False, and no effect, when the task is done.
    /// asyncio's `Task.cancel`.
    bool cancel(std::string_view message = {}) const noexcept { return state_->cancel(message); }
    /// Takes one request back and gives the number left; at 0 a request not delivered yet is called off.
    int uncancel() const noexcept { return state_->uncancel(); }
    /// The number of requests not taken back.
    [[nodiscard]] int cancelling() const noexcept { return state_->cancelling(); }

    [[nodiscard]] bool done() const noexcept { return state_->done(); }
    /// Done, and by cancellation.
    [[nodiscard]] bool cancelled() const noexcept { return state_->was_cancelled(); }
    /// The error that ended the task, null when it has a value. Throws invalid_state_error when it is not done and
    /// cancelled_error when it was cancelled. A failure counts as fetched from then on and is not reported.
    [[nodiscard]] std::exception_ptr exception() const;

    [[nodiscard]] std::string name() const { return state_->name(); }
    void set_name(std::string name) const { state_->set_name(std::move(name)); }
    /// The task's context, itself. asyncio's `Task.get_context`.
    [[nodiscard]] brio::context context() const;
    /// Where the task was created.
    [[nodiscard]] const source_location& where() const noexcept { return state_->where(); }

    using callback_id = std::uint64_t;
    /// Calls `function(task_handle)` through the ready queue once the task is done (soon, when it is already), in the
    /// order of registration. asyncio's `add_done_callback`.
    callback_id add_done_callback(std::function<void(task_handle)> function) const;
    /// Removes that callback if it was not queued yet; says whether it was there.
    bool remove_done_callback(callback_id id) const noexcept;

    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    friend bool operator==(const task_handle& a, const task_handle& b) noexcept { return a.state_ == b.state_; }

    /// For brio itself.
    [[nodiscard]] const detail::ref<detail::task_state>& untyped_state() const noexcept { return state_; }

protected:
    void require_task() const {
        if (!state_) throw_no_task();
    }
    void require_done() const;
    [[noreturn]] static void throw_no_task();

    detail::ref<detail::task_state> state_;
};

/// The task in one line: name; state, what it waits for and where, or how it ended; where it was created; the number
/// of done callbacks and of tasks that wait for it. An error shown here does not count as fetched. asyncio's `repr(task)`.
[[nodiscard]] BRIO_API std::string to_string(const task_handle& task);

/// A coroutine that runs by itself; asyncio's `Task`. Made by `create_task`.
template <class T = void>
class task : public task_handle {
public:
    using value_type = T;

    task() noexcept = default;
    explicit task(detail::ref<detail::task_result<T>> state) noexcept : task_handle(std::move(state)) {}

    /// Waits for the end of the task: gives its value, throws its error, or `cancelled_error` when it was cancelled.
    /// Does not suspend when it is done. Any number of tasks may join; each gets a copy of the value (the value
    /// itself if it cannot be copied, or when called on an rvalue: `std::move(t).join()`).
    /// **Cancellation** of the joiner cancels the joined task, and the joiner goes on when that has ended; use
    /// `shield(t)` to prevent it. Joining oneself throws invalid_state_error. asyncio's `await task`.
    detail::join_operation<T> join(const source_location& where = source_location::current()) const& {
        return {state(), false, where};
    }
    detail::join_operation<T> join(const source_location& where = source_location::current()) && {
        require_task();
        return {detail::ref<detail::task_result<T>>(static_cast<detail::task_result<T>*>(state_.take()), detail::adopt), true,
                where};
    }

    /// The value of a task that is done; throws its error, cancelled_error, or invalid_state_error when it is not done.
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

/// The same for a coroutine function and its arguments, all copied or moved into the task. `where()` of such a task
/// names this header: a parameter pack leaves no room for the caller's place.
template <class F, class Arg, class... Args>
    requires detail::coroutine_function<F, Arg, Args...>
task<detail::coroutine_result_t<F, Arg, Args...>> create_task(F&& function, Arg&& arg, Args&&... args) {
    detail::check_callable<F>();
    return create_task(detail::call_stored<std::decay_t<F>, std::decay_t<Arg>, std::decay_t<Args>...>(
        std::forward<F>(function), std::forward<Arg>(arg), std::forward<Args>(args)...));
}

/// The task that runs this code. Throws loop_error outside of a loop; gives an empty handle inside a plain callback.
[[nodiscard]] BRIO_API task_handle current_task();

/// Every task of the running loop that is not done, in order of creation.
[[nodiscard]] BRIO_API std::vector<task_handle> all_tasks();

}  // namespace brio::inline v0
