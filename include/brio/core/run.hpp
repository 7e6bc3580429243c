// SPDX-License-Identifier: BSL-1.0
// run: from main() into the world of coroutines and back.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/context.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace brio::inline v0 {

/// How `run` runs; every setter gives the object back.
class BRIO_API run_options {
public:
    run_options() noexcept = default;

    /// Debug mode on or off; without it, what `BRIO_DEBUG` says.
    run_options& debug(bool on) { debug_ = on; return *this; }
    /// Whether Ctrl-C cancels the main task (default: yes, on the program's main thread and if nobody else handles
    /// SIGINT).
    run_options& handle_sigint(bool on) { handle_sigint_ = on; return *this; }
    /// Called once with the new loop, before anything runs in it.
    run_options& on_loop(std::function<void(loop&)> hook) { on_loop_ = std::move(hook); return *this; }

private:
    friend class runner;
    std::optional<bool> debug_;
    bool handle_sigint_ = true;
    std::function<void(loop&)> on_loop_;
};

/// Several `run` calls on one loop and in one context: a `context_var` that the main task of one sets is set in that of
/// the next. asyncio's `Runner`. The loop is made when first needed, and so is the context, a copy of the thread's.
class BRIO_API runner {
public:
    explicit runner(run_options options = run_options());
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;
    /// close()
    ~runner();

    /// Runs `body` as the task `main` until it is done and gives its value or throws its error.
    ///
    /// Ctrl-C cancels the main task; when it then ends cancelled, `interrupted` is thrown. A second Ctrl-C acts at
    /// once, as if brio were not there. Throws loop_error when a loop runs in this thread already (the body then
    /// never starts), or when the runner is closed.
    template <class T>
    T run(awaitable<T> body, source_location where = source_location::current()) {
        require_open();
        get_loop();
        return run_in(*context_, std::move(body), where);
    }
    /// The same in `shared` itself in place of the runner's context. asyncio's `Runner.run(body, context=shared)`.
    template <class T>
    T run(awaitable<T> body, const context& shared, source_location where = source_location::current()) {
        require_open();
        return run_in(shared, std::move(body), where);
    }

    /// The loop, made now if need be. Throws loop_error when the runner is closed, and what the `on_loop` hook throws:
    /// then there is no loop.
    loop& get_loop();

    /// Cancels what tasks are left, waits until they have ended (failures go to the exception handler), closes the
    /// generators that are half-way, joins the thread pool and closes the loop. Idempotent.
    void close();

private:
    template <class T>
    T run_in(const context& shared, awaitable<T> body, source_location where) {
        const auto main = detail::spawn(get_loop().scheduler(), std::move(body), task_options().context(shared), where);
        drive(*main);
        if constexpr (!std::is_void_v<T>) return std::move(main->value());
    }
    void require_open() const;
    void drive(detail::task_state& main);
    void end_leftovers();
    void cancel_leftovers();
    bool close_generators();
    void run_to_end(detail::task_state& task);

    run_options options_;
    std::unique_ptr<loop> loop_;
    std::optional<context> context_;  // made with the loop
    bool closed_ = false;
};

template <class X>
auto loop::run_until_complete(X&& x, source_location where) {
    static_assert(detail::any_awaitable<X>, "run_until_complete wants a coroutine, a task, a future or an operation");
    using T = detail::await_result_t<X>;
    require_idle_thread();  // before there is a task
    const detail::ref<detail::task_result<T>> task = detail::ensure_task(scheduler_, std::forward<X>(x), where);
    run_to_end(*task);
    return detail::take_result<T>(*task, !detail::await_traits<std::remove_cvref_t<X>>::is_task);
}

/// Makes a loop, runs `main` in it, cancels and awaits the tasks it left behind, closes the loop, and gives main's
/// value or throws its error. The front door: `int main() { return brio::run(main_()); }`. Details at `runner::run`.
/// asyncio's `run`.
template <class T>
T run(awaitable<T> main, run_options options = run_options(),
      source_location where = source_location::current()) {
    runner once(std::move(options));
    if constexpr (std::is_void_v<T>) {
        once.run(std::move(main), where);
        once.close();
    } else {
        T value = once.run(std::move(main), where);
        once.close();
        return value;
    }
}

/// The same for an operation: `brio::run(queue.get())`.
template <detail::operation Op>
typename Op::value_type run(Op op, run_options options = run_options(),
                            source_location where = source_location::current()) {
    return brio::run(detail::await_operation(std::move(op)), std::move(options), where);
}

/// The same for a coroutine function without arguments: `brio::run(main_)`.
template <class F>
    requires detail::coroutine_function<F>
auto run(F&& function, run_options options = run_options(),
         source_location where = source_location::current()) {
    return brio::run(detail::call_stored<std::decay_t<F>>(std::forward<F>(function)), std::move(options), where);
}

/// The same for a coroutine function with its arguments: `brio::run(fetch_all, urls)`. A parameter pack leaves no room
/// for the caller's place: that of the main task is not known then.
template <class F, class Arg, class... Args>
    requires detail::coroutine_function<F, Arg, Args...>
auto run(F&& function, Arg&& arg, Args&&... args) {
    return brio::run(
        detail::call_stored<std::decay_t<F>, std::decay_t<Arg>, std::decay_t<Args>...>(
            std::forward<F>(function), std::forward<Arg>(arg), std::forward<Args>(args)...),
        run_options(), source_location());
}

}  // namespace brio::inline v0
