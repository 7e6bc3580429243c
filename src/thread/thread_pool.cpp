// SPDX-License-Identifier: BSL-1.0
// Threads and their job queue.
#include <brio/thread/thread_pool.hpp>

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/detail/deadline.hpp>

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <string>
#include <thread>

namespace brio::inline v0 {

namespace detail {

pool_job::~pool_job() = default;

class job_queue {
public:
    [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
    void push(pool_job& job) noexcept {
        job.next_ = nullptr;
        (tail_ ? tail_->next_ : head_) = &job;
        tail_ = &job;
    }
    pool_job& pop() noexcept {
        pool_job& job = *head_;
        head_ = job.next_;
        if (!head_) tail_ = nullptr;
        return job;
    }

private:
    pool_job* head_ = nullptr;
    pool_job* tail_ = nullptr;
};

}  // namespace detail

namespace {

thread_local const void* served_by_this_thread = nullptr;

}  // namespace

struct thread_pool::state {
    std::mutex mutex;
    std::condition_variable work;     // a job, or the end
    std::condition_variable stopped;  // a thread has ended
    detail::job_queue jobs;
    std::size_t max_threads = 1;
    std::size_t threads = 0;
    std::size_t idle = 0;
    std::size_t queued = 0;
    bool closed = false;

    void serve() {
        served_by_this_thread = this;
        std::unique_lock lock(mutex);
        for (;;) {
            ++idle;
            work.wait(lock, [this] { return closed || !jobs.empty(); });
            --idle;
            if (jobs.empty()) break;
            detail::pool_job& job = jobs.pop();
            --queued;
            lock.unlock();
            job.execute();
            lock.lock();
        }
        --threads;
        stopped.notify_all();
    }
};

thread_pool::thread_pool(std::size_t max_threads) : state_(std::make_shared<state>()) {
    state_->max_threads = std::max<std::size_t>(max_threads, 1);
}

thread_pool::~thread_pool() {
    std::unique_lock lock(state_->mutex);
    const bool ended = state_->closed;
    lock.unlock();
    if (!ended) shutdown();
}

std::size_t thread_pool::default_size() noexcept {
    return std::min<std::size_t>(32, std::thread::hardware_concurrency() + 4);
}

std::size_t thread_pool::max_threads() const noexcept { return state_->max_threads; }

void thread_pool::submit(detail::pool_job& job) {
    state& s = *state_;
    const std::lock_guard lock(s.mutex);
    if (s.closed) throw loop_error("the thread pool was shut down: it takes no more work");
    if (s.queued >= s.idle && s.threads < s.max_threads) {
        // Signals are for the threads of the user's program, not for workers.
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        try {
            std::thread([shared = state_] { shared->serve(); }).detach();
            ++s.threads;
        } catch (...) {
            if (s.threads == 0) {
                pthread_sigmask(SIG_SETMASK, &before, nullptr);
                throw;
            }  // else the threads there are will do
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    s.jobs.push(job);
    ++s.queued;
    s.work.notify_one();
}

void thread_pool::shutdown(std::chrono::steady_clock::duration grace) noexcept {
    state& s = *state_;
    std::unique_lock lock(s.mutex);
    s.closed = true;
    detail::job_queue dropped;
    std::swap(dropped, s.jobs);
    s.queued = 0;
    s.work.notify_all();
    const std::size_t own = served_by_this_thread == &s ? 1 : 0;  // a thread does not wait for itself
    const auto limit = detail::deadline_after(std::chrono::steady_clock::now(), grace);
    if (!s.stopped.wait_until(lock, limit, [&s, own] { return s.threads <= own; })) {
        try {
            log(log_level::warning, "thread pool: " + std::to_string(s.threads - own) +
                                        " thread(s) still busy at shutdown were left behind");
        } catch (...) {  // out of memory for a message
        }
    }
    lock.unlock();
    while (!dropped.empty()) dropped.pop().abandon();
}

}  // namespace brio::inline v0
