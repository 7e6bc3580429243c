// SPDX-License-Identifier: BSL-1.0
// What the threads of a pool do between their jobs.
#include "thread/pool_state.hpp"

#include <brio/detail/deadline.hpp>

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace brio::inline v0 {

namespace detail {

void job_queue::push(pool_job& job) noexcept {
    job.next_ = nullptr;
    (tail_ ? tail_->next_ : head_) = &job;
    tail_ = &job;
    ++size_;
}

pool_job& job_queue::pop() noexcept {
    pool_job& job = *head_;
    head_ = job.next_;
    if (!head_) tail_ = nullptr;
    --size_;
    return job;
}

void job_queue::append_reversed(pool_job* newest) noexcept {
    pool_job* const last = newest;
    pool_job* oldest = nullptr;
    while (newest) {
        pool_job* const older = std::exchange(newest->next_, oldest);
        oldest = std::exchange(newest, older);
        ++size_;
    }
    if (!oldest) return;
    (tail_ ? tail_->next_ : head_) = oldest;
    tail_ = last;
}

}  // namespace detail

namespace {

thread_local const void* served_by_this_thread = nullptr;

}  // namespace

// Who changes what `seen_` says publishes it and then looks for jobs; who submits pushes a job and then looks at `seen_`.
// All four are sequentially consistent, so that one of the two sees the other.

bool thread_pool::state::push(detail::pool_job& job) noexcept {
    std::uintptr_t head = incoming_.load(std::memory_order_relaxed);
    do {
        if (head == closed) return false;
        detail::job_queue::link(job, reinterpret_cast<detail::pool_job*>(head));
    } while (!incoming_.compare_exchange_weak(head, reinterpret_cast<std::uintptr_t>(&job), std::memory_order_seq_cst,
                                              std::memory_order_relaxed));
    return true;
}

bool thread_pool::state::submit(detail::pool_job& job) {
    if (growing_.load(std::memory_order_relaxed)) return submit_and_grow(job);
    if (!push(job)) return false;
    if (seen_.load(std::memory_order_seq_cst)) return true;
    std::unique_lock lock = detail::lock_briefly(mutex_);
    worker* const next = publish();
    lock.unlock();
    if (next) next->called.notify_one();
    return true;
}

bool thread_pool::state::submit_and_grow(detail::pool_job& job) {
    std::unique_lock lock = detail::lock_briefly(mutex_);
    if (is_closed()) return false;
    collect();
    if (threads_ < max_threads && jobs_.size() >= threads_ - busy_) start_thread();
    jobs_.push(job);
    worker* const next = publish();
    lock.unlock();
    if (next) next->called.notify_one();
    return true;
}

void thread_pool::state::start_thread() {
    // Signals are for the threads of the user's program, not for workers.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        worker& made = workers_.emplace_back();
        made.thread = std::thread([self = shared_from_this(), &made] { self->serve(made); });
        ++threads_;
        ++searching_;
        growing_.store(threads_ < max_threads, std::memory_order_relaxed);
    } catch (...) {
        if (workers_.size() > threads_) workers_.pop_back();
        if (threads_ == 0) {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            throw;
        }  // else the threads there are will do
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void thread_pool::state::collect() noexcept {
    if (incoming_.load(std::memory_order_relaxed) <= closed) return;
    jobs_.append_reversed(reinterpret_cast<detail::pool_job*>(incoming_.exchange(none, std::memory_order_acquire)));
}

bool thread_pool::state::has_jobs() const noexcept {
    return jobs_.size() > 0 || incoming_.load(std::memory_order_seq_cst) > closed;
}

bool thread_pool::state::is_seen() const noexcept {
    return searching_ > 0 || (busy_ > 0 && (guard_ || !sleeping_));
}

thread_pool::state::worker* thread_pool::state::wake_last() noexcept {
    worker* const last = sleeping_;
    if (!last) return nullptr;
    sleeping_ = last->next;
    last->is_called = true;
    return last;
}

thread_pool::state::worker* thread_pool::state::call_one(bool in_a_hurry) noexcept {
    worker* next = wake_last();
    if (!next && guard_) {
        next = std::exchange(guard_, nullptr);
        next->is_called = true;
    }
    if (next) {
        ++searching_;
        next->in_a_hurry = in_a_hurry;
    }
    return next;
}

thread_pool::state::worker* thread_pool::state::appoint_guard() noexcept {
    if (guard_) return nullptr;
    guard_ = wake_last();
    return guard_;
}

// After every change of the counts. Gives the thread that is to be notified: a job is there that nobody would see.
thread_pool::state::worker* thread_pool::state::publish() noexcept {
    const bool seen = is_seen();
    if (seen_.load(std::memory_order_relaxed) != seen) seen_.store(seen, std::memory_order_seq_cst);
    if (seen || !has_jobs()) return nullptr;
    worker* const next = call_one(false);
    seen_.store(is_seen(), std::memory_order_seq_cst);
    return next;
}

void thread_pool::state::serve(worker& self) {
    served_by_this_thread = this;
    std::unique_lock lock = detail::lock_briefly(mutex_);
    bool searches = true;
    for (;;) {
        if (jobs_.size() == 0) collect();
        if (jobs_.size() > 0) {
            detail::pool_job& job = jobs_.pop();
            ++taken_;
            if (std::exchange(searches, false)) {
                --searching_;
                ++busy_;
            }
            worker* next = nullptr;
            if (searching_ == 0 && has_jobs()) next = self.in_a_hurry ? call_one(true) : appoint_guard();
            self.in_a_hurry = false;
            if (worker* const other = publish()) next = other;
            lock.unlock();
            if (next) next->called.notify_one();
            job.execute();
            lock = detail::lock_briefly(mutex_);
            continue;
        }
        if (is_closed()) break;
        if (!std::exchange(searches, true)) {
            --busy_;
            ++searching_;
            static_cast<void>(publish());  // null: this thread searches
        }
        if (searching_ == 1) {
            lock.unlock();
            static_cast<void>(patience_.wait_for([this] { return incoming_.load(std::memory_order_relaxed) != none; }));
            lock = detail::lock_briefly(mutex_);
            if (has_jobs() || is_closed()) continue;
        }
        rest(lock, self);
    }
    --(searches ? searching_ : busy_);
    --threads_;
    self.has_ended = true;
    stopped_.notify_all();
}

void thread_pool::state::lie_down(worker& self) noexcept {
    self.next = std::exchange(sleeping_, &self);
    if (worker* const next = publish()) next->called.notify_one();
}

// Until it is called, or the pool closed, or, on guard, a job has waited for too long. It counts as one that searches then.
void thread_pool::state::rest(std::unique_lock<std::mutex>& lock, worker& self) {
    --searching_;
    if (!guard_ && busy_ + searching_ > 0) {
        guard_ = &self;
    } else {
        lie_down(self);
    }
    for (int idle = 0; !is_closed();) {
        if (guard_ != &self) {
            self.called.wait(lock, [&] { return was_called(self); });
            if (std::exchange(self.is_called, false) && guard_ != &self) return;
            idle = 0;
            continue;
        }
        collect();
        const std::uint64_t taken = taken_;
        const std::size_t queued = jobs_.size();
        if (self.called.wait_for(lock, guard_time, [&] { return was_called(self); })) {
            if (std::exchange(self.is_called, false)) return;
        } else if (taken_ - taken < queued) {
            self.in_a_hurry = true;
            break;
        } else if (taken_ != taken) {
            idle = 0;
        } else if (++idle == idle_looks) {
            guard_ = nullptr;
            lie_down(self);
        }
    }
    if (guard_ == &self) guard_ = nullptr;
    ++searching_;
}

std::size_t thread_pool::state::close(std::chrono::steady_clock::duration grace, detail::job_queue& not_begun) noexcept {
    std::unique_lock lock(mutex_);
    collect();
    growing_.store(true, std::memory_order_relaxed);
    const std::uintptr_t late = incoming_.exchange(closed, std::memory_order_acquire);
    if (late > closed) jobs_.append_reversed(reinterpret_cast<detail::pool_job*>(late));
    std::swap(not_begun, jobs_);
    for (worker& each : workers_) each.called.notify_one();
    const std::size_t own = served_by_this_thread == this ? 1 : 0;  // a thread does not wait for itself
    const auto limit = detail::deadline_after(std::chrono::steady_clock::now(), grace);
    stopped_.wait_until(lock, limit, [this, own] { return threads_ <= own; });
    join_those_that_ended(lock);
    return threads_ - own;
}

// Their thread_local objects, OpenSSL's and others, are gone then: a process, or a library, can end right after.
void thread_pool::state::join_those_that_ended(std::unique_lock<std::mutex>& lock) noexcept {
    for (worker& each : workers_) {
        if (!each.has_ended || !each.thread.joinable()) continue;
        std::thread ended = std::move(each.thread);
        lock.unlock();
        ended.join();
        lock.lock();
    }
}

}  // namespace brio::inline v0
