// SPDX-License-Identifier: BSL-1.0
// Waking, counting and closing queues.
#include <brio/sync/queue_base.hpp>

#include <algorithm>
#include <string>

namespace brio::inline v0 {

queue_empty::~queue_empty() = default;
queue_full::~queue_full() = default;
queue_shutdown::~queue_shutdown() = default;

namespace detail {

cancel_reply queue_waiter::cancel() noexcept {
    unlink();
    return cancel_reply::left;
}

cancel_reply queue_waiter::cancel_woken() noexcept {
    pass_on();
    return cancel_reply::left;
}

queue_base::~queue_base() = default;

// A woken waiter has left the list; if the news is stale when it runs, it enlists itself again.
void queue_base::wake_getter() noexcept {
    if (empty() && !shutdown_) return;
    if (waiter* next = getters_.pop_front()) next->wake();
}

void queue_base::wake_putter() noexcept {
    if (full() && !shutdown_) return;
    if (waiter* next = putters_.pop_front()) next->wake();
}

void queue_base::task_done() {
    if (unfinished_ == 0) {
        throw invalid_state_error("queue.task_done() was called more often than items were put into the queue");
    }
    if (--unfinished_ == 0) finished_.set();
}

void queue_base::shutdown(bool immediate) noexcept {
    shutdown_ = true;
    if (immediate) {
        drop_items();
        unfinished_ -= std::min(unfinished_, size_);  // some may have been marked done before they were taken
        size_ = 0;
        if (unfinished_ == 0) finished_.set();
    }
    // All getters: those for whom nothing is left when they run must hear of it, and nobody wakes them later.
    while (waiter* next = getters_.pop_front()) next->wake();
    while (waiter* next = putters_.pop_front()) next->wake();
}

void queue_base::require_open() const {
    if (shutdown_) throw_shutdown();
}

void queue_base::require_room() const {
    if (full()) throw queue_full("the queue is full (maxsize " + std::to_string(maxsize_) + "): co_await put() waits for room");
}

void queue_base::throw_empty() { throw queue_empty("the queue is empty: co_await get() waits for an item"); }
void queue_base::throw_shutdown() { throw queue_shutdown("the queue was shut down"); }

}  // namespace detail

}  // namespace brio::inline v0
