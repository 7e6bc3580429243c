// SPDX-License-Identifier: BSL-1.0
// Where resumptions of raw Asio operations enter the loop.
#include <brio/detail/task_executor.hpp>

#include <brio/detail/mailbox.hpp>

#include "detail/step_monitor.hpp"

#include <boost/asio/io_context.hpp>

namespace brio::inline v0::detail {

task_step::~task_step() = default;

void task_step::submit(std::unique_ptr<task_step> step) {
    scheduler& sched = step->task_->sched();
    if (scheduler::current() == &sched) {
        sched.make_ready(*step.release());
        return;
    }
    // Another thread, or a handler that runs outside of the loop. A closed loop drops the step, and with it the
    // coroutine that it would have resumed.
    const std::shared_ptr<mailbox> inbox = sched.inbox();
    if (inbox->put(*step)) static_cast<void>(step.release());
}

timed_step::timed_step(task_state& task) noexcept {
    if (task.sched().slow_step == duration::zero()) return;
    task_ = ref<task_state>(&task);
    begin_ = task.sched().now();
    forgotten_here.file = nullptr;
    task.sched().record()->begin(&task);
}

timed_step::~timed_step() {
    if (!task_) return;
    task_->sched().record()->end();
    report_forgotten(task_.get());
    report_if_slow(task_->sched(), task_.get(), begin_);
}

boost::asio::execution_context& task_executor::query(boost::asio::execution::context_t) const noexcept {
    return task_->sched().context();
}

bool task_executor::may_run_inline() const noexcept {
    const scheduler& sched = task_->sched();
    return inline_allowed_ && scheduler::current() == &sched && !sched.in_turn() && !sched.current_task;
}

}  // namespace brio::inline v0::detail
