// SPDX-License-Identifier: BSL-1.0
// Joining tasks.
#include <brio/detail/join.hpp>

#include <brio/core/error.hpp>

namespace brio::inline v0::detail {

void throw_unless_value(task_state& task) {
    switch (task.how()) {
        case task_state::outcome::cancelled: throw cancelled_error(task.cancel_message());
        case task_state::outcome::exception: std::rethrow_exception(task.fetch_exception());
        default: break;
    }
}

void require_own(const scheduler& here, const task_state& task) {
    if (task.done() || &task.sched() == &here) return;  // compares addresses only: a future may outlive its loop
    throw loop_error(task.name() + " belongs to another event loop: wait for it there, or start it with run_coroutine_threadsafe");
}

bool join_base::ready() {
    if (task_->done()) return true;
    const scheduler& here = scheduler::require("task.join()");
    require_own(here, *task_);
    if (task_.get() == here.current_task) {
        throw invalid_state_error("task " + task_->name() + " cannot join itself: it would wait for ever");
    }
    return false;
}

void join_base::completed(task_state& ended) noexcept {
    if (cancelling_) waiting_task()->take_back_cancel(ended);
    wake();
}

// As in asyncio, to cancel a task that joins another is to cancel that other one: the joiner hears of it when the
// other has ended. shield() keeps the inner task out of this.
cancel_reply join_base::cancel() noexcept {
    if (task_->passes_cancel_on()) {  // a circle: it opens here, and not at the scope that the request came through
        completion::unlink();
        return cancel_reply::left;
    }
    cancelling_ = true;
    task_->cancel(waiting_task()->cancel_message());
    return cancel_reply::forwarded;
}

}  // namespace brio::inline v0::detail
