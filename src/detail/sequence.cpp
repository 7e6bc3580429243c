// SPDX-License-Identifier: BSL-1.0
// Whose turn it is, and the thread's way back.
#include <brio/detail/sequence.hpp>

#include <brio/core/error.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_state.hpp>

namespace brio::inline v0::detail {

sequence_job::~sequence_job() = default;

void sequence_job::returned() noexcept {
    if (owner_) owner_->returned(*this);
}

sequence::sequence() : home_(scheduler::require("a file or directory").inbox()) {}
sequence::~sequence() {
    if (job_) job_->owner_ = nullptr;
}

void sequence::require_home() const {
    const scheduler* const here = scheduler::current();
    if (!here || here->inbox() != home_) {
        throw loop_error("a file or directory belongs to the event loop that opened it: tasks of another one cannot use it");
    }
}

void sequence::enlist(sequence_operation& operation) {
    waiting_.push_back(operation);
    if (!job_) start_next();
}

void sequence::leave(sequence_operation& operation) noexcept {
    operation.unlink();
    if (served_ != &operation) return;
    served_ = nullptr;
    job_->give_up();
}

void sequence::start_next() noexcept {
    while (sequence_operation* const next = waiting_.pop_front()) {
        try {
            if (!serve(*next)) {
                job_ = make_job(*next);
                job_->owner_ = this;
                job_->start(nullptr);
                served_ = next;
                return;
            }
        } catch (...) {
            job_ = nullptr;
            next->error_ = std::current_exception();
        }
        next->wake();
    }
}

void sequence::returned(sequence_job& job) noexcept {
    const ref<sequence> alive(this);
    const ref<sequence_job> keep = std::move(job_);
    sequence_operation* const operation = std::exchange(served_, nullptr);
    try {
        job.check();
        accept(job, operation);
    } catch (...) {
        if (operation) operation->error_ = std::current_exception();
    }
    if (operation) operation->wake();
    start_next();
}

sequence_operation::~sequence_operation() {
    if (target_) target_->leave(*this);
}

bool sequence_operation::ready() {
    target_->require_home();
    return target_->is_idle() && target_->serve(*this);
}

void sequence_operation::suspend() { target_->enlist(*this); }

cancel_reply sequence_operation::cancel() noexcept {
    target_->leave(*this);
    return cancel_reply::left;
}

}  // namespace brio::inline v0::detail
