// SPDX-License-Identifier: BSL-1.0
// Firing last among equals.
#include <brio/detail/wait_deadline.hpp>

namespace brio::inline v0::detail {

wait_deadline::~wait_deadline() { disarm(); }

void wait_deadline::arm(scheduler& sched, waiter& waiting) {
    if (!when_) return;
    sched.arm(*this, *when_);
    sched_ = &sched;
    waiting_ = &waiting;
}

void wait_deadline::disarm() noexcept {
    if (is_armed()) sched_->disarm(*this);
}

// Timers with one deadline fire in the order in which they were armed: arming it anew puts this one behind those of
// the tasks that are waited for. The place that it had in the heap is free, so that this cannot fail.
void wait_deadline::fire() noexcept {
    if (!is_last_) {
        is_last_ = true;
        sched_->arm(*this, *when_);
        return;
    }
    passed_ = true;
    waiting_->unlink();
    waiting_->wake();
}

}  // namespace brio::inline v0::detail
