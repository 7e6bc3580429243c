// SPDX-License-Identifier: BSL-1.0
// thread_pool: a few threads for work that blocks.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace brio::inline v0 {

namespace detail {

/// One piece of work for a pool. Exactly one of the two is called, once, and it disposes of the object.
class BRIO_API pool_job {
public:
    pool_job() noexcept = default;
    pool_job(const pool_job&) = delete;
    pool_job& operator=(const pool_job&) = delete;

    /// On a thread of the pool.
    virtual void execute() noexcept = 0;
    /// The pool was shut down before the job began.
    virtual void abandon() noexcept = 0;

protected:
    virtual ~pool_job();

private:
    friend class job_queue;
    pool_job* next_ = nullptr;
};

}  // namespace detail

/// Threads that run functions for `to_thread`; asyncio's `ThreadPoolExecutor`. Threads are started one by one as
/// work comes, up to the limit, and idle ones are reused. Thread-safe.
class BRIO_API thread_pool {
public:
    /// At most `max_threads` (at least 1; default: the number of processors + 4, 32 at most).
    explicit thread_pool(std::size_t max_threads = default_size());
    thread_pool(const thread_pool&) = delete;
    thread_pool& operator=(const thread_pool&) = delete;
    /// shutdown(), unless that was called: threads that it left behind are not waited for again.
    ~thread_pool();

    [[nodiscard]] static std::size_t default_size() noexcept;
    [[nodiscard]] std::size_t max_threads() const noexcept;

    /// For brio itself: queues a job. Throws loop_error once the pool is shut down, and std::system_error when there is no
    /// thread and none can be made; the job then stays the caller's.
    void submit(detail::pool_job& job);

    /// Takes no more work, abandons what has not begun and waits for what runs, for at most `grace`: a thread that is
    /// stuck longer is left behind and reported; the others have ended, their `thread_local` objects too. Called on a
    /// thread of the pool itself, it waits for the others only. Idempotent.
    void shutdown(std::chrono::steady_clock::duration grace = std::chrono::seconds(300)) noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;  // shared with the threads, which may be left behind
};

}  // namespace brio::inline v0
