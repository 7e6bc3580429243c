// SPDX-License-Identifier: BSL-1.0
// run_coroutine_threadsafe: a coroutine for a loop that runs in another thread.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/deadline.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/task_state.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace brio::inline v0 {

namespace detail {

/// What the submitting thread and the loop share.
class BRIO_API submission {
public:
    explicit submission(scheduler& target) noexcept : target_(&target), inbox_(target.inbox()) {}

    /// Puts `node` into the loop's inbox; throws loop_error when the loop is closed.
    void send(ready_node& node);
    /// From any thread; no effect when the loop is closed.
    static void cancel(const std::shared_ptr<submission>& self, std::string message);
    /// Throws loop_error in the loop's own thread: it would wait for itself.
    void require_other_thread(const char* what) const;

    ref<task_state> task;  // loop thread only

private:
    scheduler* target_;  // compared, never used
    std::shared_ptr<mailbox> inbox_;
};

[[noreturn]] BRIO_API void throw_result_given(const char* what);
/// Tells the loop's exception handler that no task could be made.
BRIO_API void report_failed_submission() noexcept;
/// The error of a task that has no value.
[[nodiscard]] BRIO_API std::exception_ptr error_of_ended(task_state& task) noexcept;

/// Goes to the loop, becomes a task there, and hands its end to the other thread. It owns itself from `send` on.
template <class T>
class submitted_call final : public ready_node, public completion {
public:
    submitted_call(awaitable<T> body, std::shared_ptr<submission> shared, source_location where)
        : body_(std::move(body)), shared_(std::move(shared)), where_(where) {}

    [[nodiscard]] std::future<T> get_future() { return promise_.get_future(); }

    void run() noexcept override {
        try {
            shared_->task = spawn(*scheduler::current(), std::move(body_), where_);
        } catch (...) {
            report_failed_submission();
            promise_.set_exception(std::current_exception());
            delete this;
            return;
        }
        if (shared_->task->done()) {
            completed(*shared_->task);
        } else {
            shared_->task->add_completion(*this);
        }
    }
    void drop() noexcept override {
        promise_.set_exception(std::make_exception_ptr(loop_error("the event loop was closed before the coroutine began")));
        delete this;
    }

    void completed(task_state& ended) noexcept override {
        const std::unique_ptr<submitted_call> self(this);
        const ref<task_state> task = std::move(shared_->task);
        shared_->task = nullptr;
        if (const std::exception_ptr error = error_of_ended(ended)) {
            promise_.set_exception(error);
        } else if constexpr (std::is_void_v<T>) {
            promise_.set_value();
        } else {
            promise_.set_value(std::move(static_cast<task_result<T>&>(ended).value()));
        }
    }

private:
    awaitable<T> body_;
    std::shared_ptr<submission> shared_;
    source_location where_;
    std::promise<T> promise_;
};

}  // namespace detail

/// A task of a loop in another thread, seen from outside. Movable; for one thread at a time; dropping it changes nothing.
template <class T>
class threadsafe_task {
public:
    threadsafe_task(std::future<T> result, std::shared_ptr<detail::submission> shared) noexcept
        : result_(std::move(result)), shared_(std::move(shared)) {}

    /// Blocks until the task has ended: gives its value, throws its error, or `cancelled_error` when it was cancelled.
    /// Once: later, and after `take_future()`, this and `wait_for()` throw invalid_state_error. Throws loop_error in the
    /// loop's own thread, and when the loop was closed before the coroutine began.
    T get() {
        require_result("threadsafe_task.get()");
        return result_.get();
    }
    /// Blocks for at most `limit`; says whether the task has ended. A limit that passes cancels nothing.
    template <class Rep, class Period>
    [[nodiscard]] bool wait_for(std::chrono::duration<Rep, Period> limit) const {
        require_result("threadsafe_task.wait_for()");
        return result_.wait_until(detail::deadline_after(std::chrono::steady_clock::now(), limit)) == std::future_status::ready;
    }
    /// Asks the task to stop, as `task.cancel()`; does not wait.
    void cancel(std::string message = {}) const {
        if (shared_) detail::submission::cancel(shared_, std::move(message));
    }
    /// The result as the standard has it, for code that knows nothing of brio. This object is empty afterwards.
    [[nodiscard]] std::future<T> take_future() noexcept { return std::move(result_); }

private:
    void require_result(const char* what) const {
        if (!result_.valid()) detail::throw_result_given(what);
        shared_->require_other_thread(what);
    }

    std::future<T> result_;
    std::shared_ptr<detail::submission> shared_;
};

/// Runs `body` as a task on `target`, which runs in another thread. Throws loop_error when that loop is closed. If the
/// task cannot be made (a task factory throws), the loop's exception handler and the caller both hear of it. asyncio's
/// `run_coroutine_threadsafe`.
template <class T>
threadsafe_task<T> run_coroutine_threadsafe(awaitable<T> body, loop& target,
                                            source_location where = source_location::current()) {
    auto shared = std::make_shared<detail::submission>(target.scheduler());
    auto call = std::make_unique<detail::submitted_call<T>>(std::move(body), shared, where);
    threadsafe_task<T> seen(call->get_future(), shared);
    shared->send(*call);
    static_cast<void>(call.release());
    return seen;
}

}  // namespace brio::inline v0
