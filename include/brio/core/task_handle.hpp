// SPDX-License-Identifier: BSL-1.0
// task_handle: what tasks and futures have in common, whatever their type.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/context.hpp>
#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/task_state.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace brio::inline v0 {

/// An untyped handle of a task or a future: copies refer to the same one. The task lives until it has ended whether or not
/// anybody holds a handle. Use it on the loop's thread; the last copy may be dropped anywhere. An empty handle
/// (default-constructed, moved from) can be compared, assigned and asked whether it is empty; all else throws
/// invalid_state_error.
class BRIO_API task_handle {
public:
    task_handle() noexcept = default;
    explicit task_handle(detail::ref<detail::task_state> state) noexcept : state_(std::move(state)) {}

    /// Asks the task to stop: `cancelled_error` is thrown, once, at the `co_await` where it waits now, or at its next
    /// one that really waits. A task that has not begun never begins. A result that is there already is delivered
    /// first. What the task waits for is cancelled at once: a joined task, a gather's children. Every call counts
    /// (`cancelling()`); several before delivery throw once. False, and no effect, when the task is done.
    /// asyncio's `Task.cancel`.
    bool cancel(std::string_view message = {}) const { return target().cancel(message); }
    /// Takes one request back and gives the number left; at 0 a request not delivered yet is called off.
    int uncancel() const { return target().uncancel(); }
    /// The number of requests not taken back.
    [[nodiscard]] int cancelling() const { return target().cancelling(); }

    [[nodiscard]] bool done() const { return target().done(); }
    /// Done, and by cancellation.
    [[nodiscard]] bool cancelled() const { return target().was_cancelled(); }
    /// The error that ended the task, null when it has a value. Throws invalid_state_error when it is not done and
    /// cancelled_error when it was cancelled. A failure counts as fetched from then on and is not reported.
    [[nodiscard]] std::exception_ptr exception() const;

    [[nodiscard]] std::string name() const { return target().name(); }
    void set_name(std::string name) const { target().set_name(std::move(name)); }
    /// The task's context, itself. asyncio's `Task.get_context`.
    [[nodiscard]] brio::context context() const;
    /// Where the task was created; line 0 when that is not known.
    [[nodiscard]] source_location where() const { return target().where(); }

    using callback_id = std::uint64_t;
    /// Calls `function(task_handle)` through the ready queue once the task is done (soon, when it is already), in the
    /// order of registration. It runs in a copy of the caller's context, made now, or in `shared` itself. For a future that
    /// has outlived its loop the loop that runs here calls it; loop_error when there is none. asyncio's `add_done_callback`.
    callback_id add_done_callback(std::function<void(task_handle)> function) const;
    callback_id add_done_callback(const brio::context& shared, std::function<void(task_handle)> function) const;
    /// Removes that callback if it was not queued yet; says whether it was there.
    bool remove_done_callback(callback_id id) const;

    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    friend bool operator==(const task_handle& a, const task_handle& b) noexcept { return a.state_ == b.state_; }

    /// For brio itself.
    [[nodiscard]] const detail::ref<detail::task_state>& untyped_state() const noexcept { return state_; }

protected:
    void require_task() const {
        if (!state_) throw_no_task();
    }
    [[nodiscard]] detail::task_state& target() const {
        require_task();
        return *state_;
    }
    void require_done() const;
    [[noreturn]] static void throw_no_task();

    detail::ref<detail::task_state> state_;

private:
    callback_id add_callback(detail::ref<detail::context_state> context, std::function<void(task_handle)> function) const;
};

/// The task in one line: name; state, what it waits for and where, or how it ended; where it was created; the number
/// of done callbacks and of tasks that wait for it. An error shown here does not count as fetched. asyncio's `repr(task)`.
[[nodiscard]] BRIO_API std::string to_string(const task_handle& task);

}  // namespace brio::inline v0
