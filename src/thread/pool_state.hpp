// SPDX-License-Identifier: BSL-1.0
// The threads of a pool and its queue: who looks after a new job.
#pragma once

#include <brio/thread/thread_pool.hpp>

#include <brio/detail/spin.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace brio::inline v0 {

namespace detail {

/// FIFO of jobs.
class job_queue {
public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void push(pool_job& job) noexcept;
    pool_job& pop() noexcept;
    /// Appends jobs that are linked from the newest to the oldest.
    void append_reversed(pool_job* newest) noexcept;
    /// The link that such a chain is made of.
    static void link(pool_job& job, pool_job* older) noexcept { job.next_ = older; }

private:
    pool_job* head_ = nullptr;
    pool_job* tail_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace detail

/// A thread is busy, searches for a job, stands guard, or sleeps. A system call wakes a thread only when nobody would see
/// a new job otherwise. Who does:
/// - One that searches: a thread that runs out of work looks for more for some microseconds, one at a time.
/// - Or, while threads are busy, the guard: one that sleeps with a short timeout. A busy thread that leaves jobs behind
///   appoints it. When a job has waited from one of its looks to the next, it takes that one, and so many threads as
///   there are jobs follow at once.
/// So a crowd of short jobs keeps one thread busy in place of waking thread after thread, and a long job delays another
/// one by two `guard_time`s at most.
struct thread_pool::state : std::enable_shared_from_this<thread_pool::state> {
    explicit state(std::size_t limit) noexcept : max_threads(limit) {}

    /// False when the pool is closed.
    [[nodiscard]] bool submit(detail::pool_job& job);
    /// Takes no more jobs and hands out those that have not begun. Waits for the threads; the number of those left behind.
    [[nodiscard]] std::size_t close(std::chrono::steady_clock::duration grace, detail::job_queue& not_begun) noexcept;
    [[nodiscard]] bool is_closed() const noexcept { return incoming_.load(std::memory_order_relaxed) == closed; }

    const std::size_t max_threads;

private:
    struct worker {
        worker() = default;
        worker(const worker&) = delete;
        worker& operator=(const worker&) = delete;
        ~worker() {
            if (thread.joinable()) thread.detach();  // left behind, perhaps this one
        }

        std::thread thread;
        bool has_ended = false;  // but for what its thread_local objects have yet to do
        std::condition_variable called;
        bool is_called = false;
        bool in_a_hurry = false;  // jobs have been waiting: call the next one as well
        worker* next = nullptr;   // among those that sleep
    };

    static constexpr std::chrono::microseconds guard_time{100};
    static constexpr int idle_looks = 10;  // of a guard that then goes to sleep
    // Of `incoming_`, when it is not the address of the newest job.
    static constexpr std::uintptr_t none = 0;
    static constexpr std::uintptr_t closed = 1;

    [[nodiscard]] bool push(detail::pool_job& job) noexcept;
    [[nodiscard]] bool submit_and_grow(detail::pool_job& job);
    void start_thread();
    void serve(worker& self);
    void rest(std::unique_lock<std::mutex>& lock, worker& self);
    [[nodiscard]] bool was_called(worker& self) const noexcept { return self.is_called || is_closed(); }

    // With the mutex held.
    void collect() noexcept;
    void lie_down(worker& self) noexcept;
    [[nodiscard]] bool has_jobs() const noexcept;
    [[nodiscard]] bool is_seen() const noexcept;
    [[nodiscard]] worker* wake_last() noexcept;
    [[nodiscard]] worker* call_one(bool in_a_hurry) noexcept;
    [[nodiscard]] worker* appoint_guard() noexcept;
    [[nodiscard]] worker* publish() noexcept;
    void join_those_that_ended(std::unique_lock<std::mutex>& lock) noexcept;

    // Three cache lines: of who submits, of what both look at and only changes of mind change, of the threads.
    alignas(64) std::atomic<std::uintptr_t> incoming_{none};
    alignas(64) std::atomic<bool> seen_{false};  // is_seen(), for who submits
    std::atomic<bool> growing_{true};            // fewer threads than there may be
    alignas(64) std::mutex mutex_;               // held for some instructions
    detail::job_queue jobs_;
    std::uint64_t taken_ = 0;
    std::size_t busy_ = 0;
    std::size_t searching_ = 0;  // those that were called and are not there yet are among them
    worker* guard_ = nullptr;
    worker* sleeping_ = nullptr;   // the last one is called first: its cache is the warmest
    detail::spin_budget patience_; // of the one that searches
    std::deque<worker> workers_;   // as long as the pool: who calls one holds no lock any more
    std::size_t threads_ = 0;
    std::condition_variable stopped_;  // a thread has ended
};

}  // namespace brio::inline v0
