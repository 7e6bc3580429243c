// SPDX-License-Identifier: BSL-1.0
// From the condition's list to the lock's, and on.
#include <brio/sync/condition.hpp>

#include <brio/core/error.hpp>
#include <brio/detail/task_state.hpp>

#include <string>
#include <utility>

namespace brio::inline v0 {

void condition::notify(std::size_t count) {
    require_lock("condition.notify()");
    while (count > 0 && notify_one()) --count;
}

void condition::notify_all() {
    require_lock("condition.notify_all()");
    while (notify_one()) {}
}

void condition::require_lock(const char* what) const {
    if (!lock_.locked()) {
        throw invalid_state_error(std::string(what) + ": the lock is not held, take it first: auto guard = co_await condition.acquire()");
    }
}

bool condition::notify_one() noexcept {
    detail::condition_wait* const next = waiters_.pop_front();
    if (!next) return false;
    next->stage_ = detail::condition_wait::stage::notified;
    lock_.enqueue(*next);
    return true;
}

namespace detail {

void condition_wait::require_lock() const { condition_.require_lock(describe()); }

void condition_wait::suspend() {
    enlist(condition_.waiters_, *this);
    condition_.lock_.hand_over();
}

bool condition_wait::resumable() noexcept {
    if (!condition_.lock_.claim(*this)) return false;
    stage_ = stage::holding;
    // The second look: the predicate itself may have asked the task to stop.
    if (cancelled_ || is_over_in_task() || cancelled_) return true;
    stage_ = stage::waiting;
    condition_.waiters_.push_back(*this);
    condition_.lock_.hand_over();
    return false;
}

// The task does not run yet: most waits go on, and need no switch to learn that.
bool condition_wait::is_over_in_task() noexcept {
    task_state*& current = waiting_task()->sched().current_task;
    task_state* const previous = std::exchange(current, waiting_task());
    bool over = true;
    try {
        over = is_over();
    } catch (...) {
        error_ = std::current_exception();
    }
    current = previous;
    return over;
}

// The wait ends when it has the lock; further requests until then merge with the first.
cancel_reply condition_wait::cancel() noexcept {
    if (cancelled_) return cancel_reply::forwarded;
    if (stage_ != stage::holding && !is_linked()) return cancel_reply::left;  // the loop ends, the lists are gone
    cancelled_ = true;
    if (stage_ == stage::waiting) {
        unlink();
        condition_.lock_.enqueue(*this);
    } else {
        condition_.notify_one();
    }
    return cancel_reply::forwarded;
}

void condition_wait::finish() {
    if (cancelled_) throw take_cancel(*this);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace detail

}  // namespace brio::inline v0
