// SPDX-License-Identifier: BSL-1.0
// The control block of a task: counted, outlives the coroutine frame.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task_options.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/block_cache.hpp>
#include <brio/detail/context_state.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/scheduler.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace brio::inline v0::detail {

class generator_core;

/// Wants to know when a task is done. Called once, on the loop thread, by the task's last step: it may wake waiters
/// and queue callbacks, but never runs user code.
class BRIO_API completion : public list_hook {
public:
    virtual void completed(task_state& task) noexcept = 0;
    /// The task or future went without having ended.
    virtual void dropped() noexcept {}

protected:
    ~completion() = default;
};

/// Untyped part; `task_result<T>` adds the value. The loop holds one reference until the task is done.
class BRIO_API task_state : public ready_node, public list_hook, public block_allocated {
public:
    enum class phase : std::uint8_t { created, running, waiting, promised, ended };
    enum class outcome : std::uint8_t { none, value, exception, cancelled };

    task_state(scheduler& sched, const source_location& where) noexcept
        : line_(where.line()), file_(where.file_name()), function_(where.function_name()), sched_(sched),
          created_(sched.recent_time()) {}

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        // The last owner needs no locked instruction to know that it is the last.
        if (refs_.load(std::memory_order_acquire) == 1 || refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    /// Gives the task its body and queues its first step, or runs that when the loop starts tasks eagerly. The loop's
    /// reference is taken here. Throws what the loop's task factory throws: the task never was, then.
    void start(bridge::entry body) {
        if (sched_.task_factory) return start(std::move(body), task_options());
        enter(std::move(body));
        context_ = inherited_context();
        begin(sched_.eager_tasks);
    }
    void start(bridge::entry body, task_options options);

    /// Makes it a future in place of a task: it has no coroutine and ends by `settle()`, or by a cancel. The reference
    /// taken here goes then.
    void promise() noexcept;
    /// The future's result has been stored.
    void settle() noexcept { finish(); }
    /// From any thread: the future's loop is closed, it will never be set.
    void forsake() noexcept {
        if (!abandoned_.exchange(true, std::memory_order_relaxed)) release();
    }

    bool cancel(std::string_view message) noexcept;
    /// The same by the scope that the task works for. A task that causes it and returns without another suspension
    /// keeps its value.
    void stop(std::string_view message) noexcept {
        const bool own = cancel_at_end_;
        cancel(message);
        cancel_at_end_ = own;
    }
    int uncancel() noexcept;
    [[nodiscard]] int cancelling() const noexcept { return static_cast<int>(cancel_requests_); }

    [[nodiscard]] bool done() const noexcept { return phase_ == phase::ended; }
    [[nodiscard]] outcome how() const noexcept { return outcome_; }
    [[nodiscard]] bool was_cancelled() const noexcept { return outcome_ == outcome::cancelled; }
    /// The error of a failed task; null otherwise. Counts as fetched.
    [[nodiscard]] std::exception_ptr fetch_exception() noexcept {
        fetched_ = true;
        return exception_;
    }
    /// The same for a look that does not count.
    [[nodiscard]] const std::exception_ptr& peek_exception() const noexcept { return exception_; }
    /// Nobody needs to be told of this task's failure.
    void mark_fetched() noexcept { fetched_ = true; }
    [[nodiscard]] const std::string& cancel_message() const noexcept;

    [[nodiscard]] std::string name() const;
    void set_name(std::string name);
    [[nodiscard]] source_location where() const noexcept { return source_location::current(file_, function_, line_); }
    [[nodiscard]] scheduler& sched() const noexcept { return sched_; }
    [[nodiscard]] ref<context_state>& context() noexcept { return context_; }
    [[nodiscard]] phase current_phase() const noexcept { return phase_; }
    [[nodiscard]] const waiter* waiting_on() const noexcept { return wait_; }
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    /// On the loop's clock, as exact as its turns.
    [[nodiscard]] time_point created() const noexcept { return created_; }
    /// It ended with a value that may own what the task had acquired.
    [[nodiscard]] bool gives_object() const noexcept { return gives_object_; }
    /// When the wait `waiting_on()` began.
    [[nodiscard]] time_point wait_began() const noexcept { return wait_began_; }

    void add_completion(completion& node) noexcept { completions_.push_back(node); }
    [[nodiscard]] completion* first_completion() noexcept { return completions_.first(); }
    [[nodiscard]] completion* next_completion(completion& node) noexcept { return completions_.next(node); }

    /// Runs `step` (the resumption of a raw Asio operation) as a step of this task.
    template <class F>
    void run_step(F& step) noexcept {
        const task_ref_guard alive(*this);
        if (done()) {
            run_after_end(step);
            return;
        }
        task_state* const previous = begin_step();
        try {
            step();
        } catch (...) {
            fail_step();
        }
        end_step(previous);
    }

    /// Delivers the pending or current request: the exception to throw, the request being consumed.
    [[nodiscard]] cancelled_error take_cancel() noexcept;
    [[nodiscard]] bool cancel_pending() const noexcept { return must_cancel_; }
    /// It is handing a request to what it waits for: whoever gets it and waits for this task closes a circle.
    [[nodiscard]] bool passes_cancel_on() const noexcept { return passing_cancel_on_; }
    /// A request that was passed on came too late for what is waited for: it stays for the next suspension.
    void defer_cancel() noexcept { must_cancel_ = true; }
    /// The same for a request that was passed on to a task which has ended without hearing of it.
    void take_back_cancel(const task_state& ended) noexcept {
        if (ended.must_cancel_ && ended.outcome_ != outcome::cancelled && cancel_requests_ > 0) must_cancel_ = true;
    }

    // Called by the body's wrapper, once.
    /// A cancelled_error makes the task cancelled.
    void set_failed(std::exception_ptr error) noexcept;
    void set_error(std::exception_ptr error) noexcept;
    void set_done() noexcept { body_ended_ = true; }

    // The suspension primitive (asio_bridge.cpp, waiter.hpp).
    [[nodiscard]] bool owns(bridge::frame& top) const noexcept;
    void prepare(waiter& wait) noexcept;
    void park(waiter& wait, bridge::frame& top) noexcept;
    void resume_waiter() noexcept { sched_.make_ready(*this); }

    void run() noexcept override;
    void drop() noexcept override {}  // see abandon()

    /// The generators whose bodies run in this task now, innermost first.
    generator_core* generators = nullptr;
    /// Closes a generator that was dropped. It begins even if it was asked to stop before: the clean-up hears of that where
    /// it waits. The end of `run` lets it finish, as it would have done had it not begun yet.
    void mark_closer() noexcept { closes_generator_ = true; }
    [[nodiscard]] bool closes_generator() const noexcept { return closes_generator_; }

    /// The loop ends while the task is pending, and it was asked to stop, which made it leave the list or heap where it
    /// waited: destroys its coroutine, reports it and makes it cancelled.
    void abandon() noexcept;
    /// From any thread.
    [[nodiscard]] bool is_abandoned() const noexcept { return abandoned_.load(std::memory_order_relaxed); }

protected:
    ~task_state() override;

    void set_has_value(bool gives_object) noexcept {
        outcome_ = outcome::value;
        gives_object_ = gives_object;
    }

private:
    struct texts {
        std::optional<std::string> name;
        std::string cancel_message;
    };

    struct task_ref_guard {
        explicit task_ref_guard(task_state& task) noexcept : task_(task) { task_.add_ref(); }
        ~task_ref_guard() { task_.release(); }
        task_ref_guard(const task_ref_guard&) = delete;
        task_ref_guard& operator=(const task_ref_guard&) = delete;
        task_state& task_;
    };

    // A function that came to the task's executor when the task had ended: an ordinary callback.
    template <class F>
    void run_after_end(F& step) noexcept {
        if (is_broken_) return;  // the function may be what is left of the coroutine
        try {
            step();
        } catch (...) {
            report_callback_failure();
        }
    }
    void report_callback_failure() noexcept;

    void enter(bridge::entry body) noexcept {
        coroutine_.set_body(std::move(body));
        id_ = sched_.next_task_id++;
        // The loop's reference. No other thread knows the task yet: no locked instruction is needed.
        refs_.store(refs_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        sched_.tasks.push_back(*this);
    }
    void begin(bool eagerly) noexcept {
        if (eagerly) {
            begin_eagerly();
        } else {
            sched_.make_ready(*this);
        }
    }
    void begin_eagerly() noexcept;
    bool cancel_from_elsewhere(std::string_view message) noexcept;
    cancel_reply cancel_wait() noexcept;
    void deliver_cancel() noexcept;
    task_state* begin_step() noexcept;
    void end_step(task_state* previous) noexcept;
    void fail_step() noexcept;
    void finish() noexcept;
    void report_unfetched() noexcept;

    void set_cancelled(const cancelled_error& error) noexcept;
    [[nodiscard]] texts& own_texts();
    void set_cancel_message(std::string_view message) noexcept;

    // There may be a million of them, and each 16 bytes count: what most tasks never need is elsewhere, flags are bits.
    std::atomic<std::uint32_t> refs_{1};
    std::uint32_t cancel_requests_ = 0;
    std::uint32_t line_;
    std::atomic<bool> abandoned_{false};
    phase phase_ : 4 = phase::created;
    outcome outcome_ : 4 = outcome::none;
    bool fetched_ : 1 = false;
    bool must_cancel_ : 1 = false;      // a request waits for the next suspension
    bool cancel_at_end_ : 1 = false;    // ... and was made while the task ran: it wins over a plain return
    bool in_foreign_wait_ : 1 = false;  // suspended in a raw Asio operation
    bool passing_cancel_on_ : 1 = false;
    bool body_ended_ : 1 = false;
    bool is_broken_ : 1 = false;  // ended by an error of Asio's machinery, not by the end of its coroutine
    bool is_future_ : 1 = false;
    bool closes_generator_ : 1 = false;
    bool gives_object_ : 1 = false;  // the value may own something: the guard of a lock, for instance
    const char* file_;
    const char* function_;
    scheduler& sched_;
    time_point created_;
    time_point wait_began_{};
    bridge::execution coroutine_;
    waiter* wait_ = nullptr;
    intrusive_list<completion> completions_;
    std::exception_ptr exception_;
    std::unique_ptr<texts> texts_;  // null as long as it has none
    ref<context_state> context_;    // null as long as no variable was set
    std::uint64_t id_ = 0;
    boost::asio::cancellation_signal signal_;
};

/// Throws loop_error when `task` is not done and not of the loop `here`: nobody could wake a task there.
BRIO_API void require_own(const scheduler& here, const task_state& task);

/// A task's value.
template <class T>
class task_result final : public task_state {
public:
    using task_state::task_state;

    template <class U>
    void set_value(U&& value) {
        value_.emplace(std::forward<U>(value));
        set_has_value(!std::is_trivially_destructible_v<T>);
    }
    [[nodiscard]] T& value() noexcept { return *value_; }

private:
    std::optional<T> value_;
};

template <>
class task_result<void> final : public task_state {
public:
    using task_state::task_state;
    void set_value() noexcept { set_has_value(false); }
};

/// The body of every task: runs the user's coroutine and stores what came out of it. An error is not thrown again for that.
template <class T>
bridge::entry task_body(awaitable<T> body, task_result<T>& task) {
    std::exception_ptr error = co_await bridge::settled<T>(body);
    if (error) {
        task.set_failed(std::move(error));
    } else if constexpr (std::is_void_v<T>) {
        task.set_value();
    } else {
        try {
            task.set_value(body.await_resume());
        } catch (...) {
            task.set_failed(std::current_exception());
        }
    }
    { const awaitable<T> ended(std::move(body)); }
    task.set_done();
}

/// Makes and queues a task for `body` on `sched`.
template <class T>
ref<task_result<T>> spawn(scheduler& sched, awaitable<T> body, source_location where) {
    ref<task_result<T>> task(new task_result<T>(sched, where), adopt);
    task->start(task_body(std::move(body), *task));
    return task;
}
template <class T>
ref<task_result<T>> spawn(scheduler& sched, awaitable<T> body, task_options options, source_location where) {
    ref<task_result<T>> task(new task_result<T>(sched, where), adopt);
    task->start(task_body(std::move(body), *task), std::move(options));
    return task;
}

}  // namespace brio::inline v0::detail
