// SPDX-License-Identifier: BSL-1.0
// Sleeping in the timer heap, or for one turn in the ready queue.
#include <brio/core/sleep.hpp>

#include <brio/detail/task_state.hpp>

namespace brio::inline v0::detail {

sleep_operation::~sleep_operation() = default;

void sleep_operation::suspend() {
    scheduler& sched = waiting_task()->sched();
    if (has_deadline_) {
        sched.arm(*this, until_);
    } else {
        // Stands in the queue, yet waits: until its turn a cancel is delivered here.
        sched.make_ready(*waiting_task());
    }
}

cancel_reply sleep_operation::cancel() noexcept {
    waiting_task()->sched().disarm(*this);
    return cancel_reply::left;
}

}  // namespace brio::inline v0::detail
