// SPDX-License-Identifier: BSL-1.0
// loop_pool: several event loops, each in a thread of its own, sharing nothing.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/loop_pool.hpp>
#include <brio/detail/remote_call.hpp>
#include <brio/thread/remote_task.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// How a pool's loops are made; every setter gives the object back.
class BRIO_API loop_pool_options {
public:
    loop_pool_options() noexcept = default;

    /// How many loops; 0, the default, stands for one for each processor that the program may use.
    loop_pool_options& size(std::size_t count) { size_ = count; return *this; }
    /// Called in each loop's thread, with the loop and its number, before anything runs in it: to set an exception
    /// handler, say. What it throws leaves the pool's constructor.
    loop_pool_options& on_loop(std::function<void(loop&, std::size_t)> hook) { on_loop_ = std::move(hook); return *this; }
    /// Of the threads, with a number behind it (default: "brio-loop"; the system shows 15 characters of it).
    loop_pool_options& thread_name(std::string name) { thread_name_ = std::move(name); return *this; }

    [[nodiscard]] std::size_t chosen_size() const noexcept { return size_; }
    [[nodiscard]] const std::function<void(loop&, std::size_t)>& chosen_hook() const noexcept { return on_loop_; }
    [[nodiscard]] const std::string& chosen_name() const noexcept { return thread_name_; }

private:
    std::size_t size_ = 0;
    std::function<void(loop&, std::size_t)> on_loop_;
    std::string thread_name_ = "brio-loop";
};

/// One of a pool's loops: a small value, for any thread, no longer used when the pool has gone.
class BRIO_API pool_member {
public:
    pool_member(detail::pool_thread& thread) noexcept : thread_(&thread) {}  // NOLINT: made by the pool

    /// Starts `function(args...)` in this loop, as a task of it: a coroutine function, or a plain one. Function and
    /// arguments are copied or moved in, and destroyed over there. Does not wait. Throws loop_error once the pool is closed.
    template <class F, class... Args>
        requires detail::remote_function<F, Args...>
    remote_task<detail::remote_result_t<F, Args...>> spawn(F&& function, Args&&... args) const {
        detail::check_callable<F>();
        using T = detail::remote_result_t<F, Args...>;
        auto call = make_call<T>(std::forward<F>(function), std::forward<Args>(args)...);
        call->send();
        return remote_task<T>(std::move(call));
    }

    /// The same, to be awaited in a task of any loop: gives the value or throws the error. It starts when it is awaited.
    /// **Cancellation** before that starts nothing; afterwards it cancels the task over there, and the waiting task goes
    /// on when that has ended.
    template <class F, class... Args>
        requires detail::remote_function<F, Args...>
    detail::remote_join<detail::remote_result_t<F, Args...>> run(F&& function, Args&&... args) const {
        detail::check_callable<F>();
        using T = detail::remote_result_t<F, Args...>;
        return {make_call<T>(std::forward<F>(function), std::forward<Args>(args)...), false, source_location()};
    }

    /// The loop itself, for `call_soon_threadsafe` and the like. It lives until the pool is closed.
    [[nodiscard]] loop& get_loop() const;

private:
    template <class T, class F, class... Args>
    detail::ref<detail::remote_call> make_call(F&& function, Args&&... args) const {
        using call = detail::remote_call_of<T>;
        return detail::ref<detail::remote_call>(
            new call(detail::open_remote_loop(*thread_),
                     detail::remote_body<std::decay_t<F>, std::decay_t<Args>...>(std::forward<F>(function), std::forward<Args>(args)...),
                     source_location::current()),
            detail::adopt);
    }

    detail::pool_thread* thread_;
};

/// Loops for programs that want more than one core: one for each, each in its own thread. They share nothing, so what is
/// made in one stays there: tasks, locks, queues, streams. What goes over is a function with its arguments, and its value.
///
///     brio::loop_pool pool;
///     int length = co_await pool.run(fetch_and_count, url);  // on one of them, in turn
///
/// All of it may be called from any thread, but for what is awaited. asyncio has nothing like it.
class BRIO_API loop_pool {
public:
    /// Starts the threads and waits until their loops are there.
    explicit loop_pool(const loop_pool_options& options = loop_pool_options());
    explicit loop_pool(std::size_t size) : loop_pool(loop_pool_options().size(size)) {}
    loop_pool(const loop_pool&) = delete;
    loop_pool& operator=(const loop_pool&) = delete;
    /// close(). It blocks: in a coroutine, `co_await aclose()` first.
    ~loop_pool();

    /// The processors that this program may use.
    [[nodiscard]] static std::size_t default_size() noexcept;

    [[nodiscard]] std::size_t size() const noexcept;
    /// The loop number `index`. Throws std::out_of_range.
    [[nodiscard]] pool_member on(std::size_t index) const;
    /// The loop whose turn it is: they take turns.
    [[nodiscard]] pool_member next() const noexcept;

    /// `pool_member::spawn` on the loop whose turn it is.
    template <class F, class... Args>
        requires detail::remote_function<F, Args...>
    remote_task<detail::remote_result_t<F, Args...>> spawn(F&& function, Args&&... args) const {
        return next().spawn(std::forward<F>(function), std::forward<Args>(args)...);
    }
    /// `pool_member::run` on the loop whose turn it is.
    template <class F, class... Args>
        requires detail::remote_function<F, Args...>
    detail::remote_join<detail::remote_result_t<F, Args...>> run(F&& function, Args&&... args) const {
        return next().run(std::forward<F>(function), std::forward<Args>(args)...);
    }

    /// Starts `function(args...)` on every loop, each with copies; their handles in the order of the loops.
    template <class F, class... Args>
        requires detail::remote_function<F, Args...>
    std::vector<remote_task<detail::remote_result_t<F, Args...>>> spawn_on_all(const F& function, const Args&... args) const {
        std::vector<remote_task<detail::remote_result_t<F, Args...>>> started;
        started.reserve(size());
        for (std::size_t i = 0; i < size(); ++i) started.push_back(on(i).spawn(function, args...));
        return started;
    }

    /// Runs `function(args...)` on every loop, each with copies, and gives the values in the order of the loops. Made for
    /// servers: `co_await pool.run_on_all(serve, port)`, where `serve` starts one with `reuse_port` and waits for its end.
    /// The first one that fails stops the others; when all have ended, the errors are thrown as `exception_group`.
    /// **Cancellation** cancels all of them; `cancelled_error` is thrown when they have ended.
    template <class F, class... Args>
        requires detail::remote_function<F, Args...>
    awaitable<detail::remote_results_t<F, Args...>> run_on_all(const F& function, const Args&... args) const {
        std::vector<detail::remote_join<detail::remote_result_t<F, Args...>>> calls;
        calls.reserve(size());
        for (std::size_t i = 0; i < size(); ++i) calls.push_back(on(i).run(function, args...));
        return detail::run_together(std::move(calls));
    }

    /// Takes no more work, cancels every task of the loops, waits until they have ended, for at most `grace`, and joins the
    /// threads. A loop that does not end in time, because a task blocks it or swallows the cancel, is reported and left
    /// behind; its thread ends when it can. Idempotent. Called by a task of one of the loops it does not wait for that one.
    void close(std::chrono::steady_clock::duration grace = std::chrono::seconds(30)) noexcept;
    /// The same without blocking the running loop, so that tasks over there which wait for this loop can end.
    /// **Cancellation** releases the waiting task, the pool closes all the same.
    awaitable<> aclose(std::chrono::steady_clock::duration grace = std::chrono::seconds(30));

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace brio::inline v0
