// SPDX-License-Identifier: BSL-1.0
// loop: the event loop, on one thread, over an Asio io_context.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/context.hpp>
#include <brio/core/handle.hpp>
#include <brio/core/metrics.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task_options.hpp>
#include <brio/detail/deadline.hpp>
#include <brio/detail/scheduler.hpp>

#include <chrono>
#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

namespace detail {
class task_state;
struct loop_services;
/// Reports a failure of `task` to its loop's exception handler, or to the log when that loop is not running.
BRIO_API void report_task_failure(const char* what, const task_state& task, const std::exception_ptr& error) noexcept;

template <class F>
concept not_a_context = !std::same_as<std::remove_cvref_t<F>, context>;
}  // namespace detail

/// What a loop tells its exception handler; asyncio's context dictionary.
class BRIO_API error_context {
public:
    error_context(std::string message, std::exception_ptr exception) noexcept
        : message_(std::move(message)), exception_(std::move(exception)) {}
    error_context& task(std::string name, std::string created_at) {
        task_name_ = std::move(name);
        created_at_ = std::move(created_at);
        return *this;
    }

    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] const std::exception_ptr& exception() const noexcept { return exception_; }
    /// Name of the task concerned, empty when there is none.
    [[nodiscard]] const std::string& task_name() const noexcept { return task_name_; }
    /// `file:line` where that task was created.
    [[nodiscard]] const std::string& created_at() const noexcept { return created_at_; }
    /// All of it in one line.
    [[nodiscard]] std::string to_string() const;

private:
    std::string message_;
    std::exception_ptr exception_;
    std::string task_name_;
    std::string created_at_;
};

/// The event loop. `brio::run` makes one; most programs never name it.
///
/// A loop belongs to the thread that runs it. Only `call_soon_threadsafe` (and what is built on it) may be called
/// from elsewhere. What stands in the ready queue runs in FIFO order, in turns: a turn runs what was queued when it
/// began, and what that queues runs in the next turn. I/O is polled between turns; turns of few steps may follow
/// each other without a poll, up to 64 steps.
class BRIO_API loop {
public:
    using clock = std::chrono::steady_clock;
    using time_point = clock::time_point;
    using duration = clock::duration;
    using exception_handler = std::function<void(const error_context&)>;

    /// A loop with an io_context of its own.
    loop();
    /// A loop that lives on the caller's io_context, which some code of the caller's runs, on one thread. Destroy
    /// the loop before the context, and only when its tasks are done.
    explicit loop(boost::asio::io_context& context);
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    /// Closes: no thread-safe call is accepted any more, the thread pool is joined (which waits for what runs there). Tasks
    /// that are pending (`run` and `runner` leave none) are reported and destroyed: all leave what they wait for, then those
    /// made last go first. One that waits in a raw Asio operation goes with the context: it must not refer to the others' frames.
    ~loop();

    /// The loop's clock, now: monotonic; virtual in tests. asyncio's `loop.time()`.
    [[nodiscard]] time_point time() const noexcept { return scheduler_.now(); }

    /// Calls `function(args...)` in the next turn, after everything queued before. Arguments are copied or moved in.
    /// It runs in a copy of the caller's context, made now. What it throws goes to the exception handler. asyncio's
    /// `call_soon`.
    template <detail::not_a_context F, class... Args>
    handle call_soon(F&& function, Args&&... args) {
        return soon(detail::make_callback(std::forward<F>(function), std::forward<Args>(args)...));
    }
    /// The same in `shared` itself: what it sets shows there. asyncio's `call_soon(..., context=shared)`.
    template <class F, class... Args>
    handle call_soon(const brio::context& shared, F&& function, Args&&... args) {
        return soon(detail::make_callback_in(shared.state(), std::forward<F>(function), std::forward<Args>(args)...));
    }

    /// `call_soon` after `delay`; equal deadlines fire in the order of the calls. Never early. A floating-point NaN
    /// throws std::invalid_argument. asyncio's `call_later`.
    template <class Rep, class Period, detail::not_a_context F, class... Args>
    timer_handle call_later(std::chrono::duration<Rep, Period> delay, F&& function, Args&&... args) {
        return call_at(detail::deadline_after(time(), delay), std::forward<F>(function), std::forward<Args>(args)...);
    }
    template <class Rep, class Period, class F, class... Args>
    timer_handle call_later(std::chrono::duration<Rep, Period> delay, const brio::context& shared, F&& function, Args&&... args) {
        return call_at(detail::deadline_after(time(), delay), shared, std::forward<F>(function), std::forward<Args>(args)...);
    }

    /// The same at `when` on the loop's clock. asyncio's `call_at`.
    template <detail::not_a_context F, class... Args>
    timer_handle call_at(time_point when, F&& function, Args&&... args) {
        return at(when, detail::make_callback(std::forward<F>(function), std::forward<Args>(args)...));
    }
    template <class F, class... Args>
    timer_handle call_at(time_point when, const brio::context& shared, F&& function, Args&&... args) {
        return at(when, detail::make_callback_in(shared.state(), std::forward<F>(function), std::forward<Args>(args)...));
    }

    /// `call_soon` from any thread; wakes the loop if it sleeps. From the loop's own thread it shares one order with
    /// `call_soon`. Throws loop_error once the loop is closed. asyncio's `call_soon_threadsafe`.
    template <detail::not_a_context F, class... Args>
    handle call_soon_threadsafe(F&& function, Args&&... args) {
        return threadsafe(detail::make_callback(std::forward<F>(function), std::forward<Args>(args)...));
    }
    /// `shared` is the loop's from then on: another thread that has it uses a `copy()`.
    template <class F, class... Args>
    handle call_soon_threadsafe(const brio::context& shared, F&& function, Args&&... args) {
        return threadsafe(detail::make_callback_in(shared.state(), std::forward<F>(function), std::forward<Args>(args)...));
    }

    /// The Asio context underneath, for sockets and timers of Asio's own.
    [[nodiscard]] boost::asio::io_context& context() noexcept { return scheduler_.context(); }

    /// Runs `x` (a coroutine, which becomes a task; a task or future of this loop; an operation) until it is done and gives
    /// its value or throws its error. Throws loop_error when a loop runs in this thread already, when `x` belongs to
    /// another loop, and when `stop()` comes first: a task then stays pending and can be run on. Defined in run.hpp.
    template <class X>
    auto run_until_complete(X&& x, source_location where = source_location::current());

    /// Runs until `stop()`. Throws loop_error when a loop runs in this thread already.
    void run_forever();
    /// Ends `run_forever` after the callbacks of the current turn; called before it, leaves it exactly one turn. Ends
    /// `runner::run` too, which throws loop_error when its main task is not done by then.
    void stop() noexcept;
    [[nodiscard]] bool is_running() const noexcept { return scheduler_.is_running(); }

    /// The last resort for errors that nobody can catch: a callback threw, a task failed and nobody joined it. An
    /// empty function restores the default, which logs one line. What the handler itself throws is logged together
    /// with the original error. asyncio's `set_exception_handler`.
    void set_exception_handler(exception_handler handler);
    /// A copy of what was set, empty when it is the default.
    [[nodiscard]] exception_handler get_exception_handler() const { return handler_; }
    void call_exception_handler(const error_context& context) noexcept;
    /// Logs the error; what an own handler calls for what it does not want.
    static void default_exception_handler(const error_context& context) noexcept;

    /// Tasks begin inside `create_task` (default: in a later turn of the ready queue): see `task_options::eager`, which
    /// overrides this for one task. Chains of tasks that start each other use the ready queue from a depth of 64 on.
    /// asyncio's `eager_task_factory`.
    void set_eager_tasks(bool on) noexcept { scheduler_.eager_tasks = on; }
    [[nodiscard]] bool eager_tasks() const noexcept { return scheduler_.eager_tasks; }
    /// Asked before every task that is made on this loop, whoever makes it (`create_task`, `gather`, `run`). An empty
    /// function takes it away. asyncio's `set_task_factory`.
    void set_task_factory(task_factory factory);
    /// A copy of what was set, empty when there is none.
    [[nodiscard]] task_factory get_task_factory() const;

    /// What the loop has done so far and what lives in it now. Loop thread only; takes a look at every task.
    [[nodiscard]] loop_metrics metrics() noexcept { return scheduler_.metrics(); }

    /// Debug mode: reports steps that block the loop for longer than `slow_step_duration()`, name look-ups that take
    /// as long, and calls from a wrong thread: `call_soon`, `call_later`, `call_at` throw loop_error; a task that is
    /// woken or cancelled from there is logged, and the loop told by its inbox. The environment variable `BRIO_DEBUG=1`
    /// turns it on from the start.
    void set_debug(bool on) noexcept;
    [[nodiscard]] bool debug() const noexcept { return debug_; }
    void set_slow_step_duration(duration limit) noexcept;
    [[nodiscard]] duration slow_step_duration() const noexcept { return slow_step_; }

    /// For brio itself: run_until_complete of a task.
    void run_to_end(detail::task_state& task);
    static void require_idle_thread();
    /// For brio itself: runs until `task` is done or `stop()` was called; says whether it is done.
    bool run_until_done(const detail::task_state& task);
    /// For brio itself.
    [[nodiscard]] detail::scheduler& scheduler() noexcept { return scheduler_; }
    [[nodiscard]] detail::loop_services& services() noexcept { return *services_; }

private:
    void check_thread(const char* what) const {
        if (debug_) check_thread_now(what);
    }
    void check_thread_now(const char* what) const;
    handle soon(detail::ref<detail::callback> made);
    timer_handle at(time_point when, detail::ref<detail::callback> made);
    handle threadsafe(detail::ref<detail::callback> made);

    std::unique_ptr<boost::asio::io_context> own_context_;
    bool debug_ = false;
    bool stop_requested_ = false;
    duration slow_step_ = std::chrono::milliseconds(100);
    exception_handler handler_;
    detail::scheduler scheduler_;
    std::unique_ptr<detail::loop_services> services_;
};

/// The loop that runs in this thread; throws loop_error when there is none. asyncio's `get_running_loop`.
[[nodiscard]] BRIO_API loop& get_running_loop();

}  // namespace brio::inline v0
