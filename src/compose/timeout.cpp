// SPDX-License-Identifier: BSL-1.0
// A deadline over an inner task.
#include <brio/compose/timeout.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/task_state.hpp>
#include <brio/detail/timed_wait.hpp>

namespace brio::inline v0 {

timeout::~timeout() { leave(); }

void timeout::enter(detail::task_state& inner) {
    if (phase_ != phase::fresh) {
        throw invalid_state_error("this timeout was used already: make a new one for each with_timeout");
    }
    phase_ = phase::active;
    inner_ = &inner;
    arm();
}

void timeout::leave() noexcept {
    disarm();
    inner_ = nullptr;
    if (phase_ == phase::active) phase_ = phase::finished;
}

// A deadline in the past does not wait for the timers' turn: the body may suspend and go on before that.
void timeout::arm() {
    if (!deadline_) return;
    if (*deadline_ > inner_->sched().now()) {
        inner_->sched().arm(*this, *deadline_);
    } else {
        fire_soon();
    }
}

void timeout::disarm() noexcept {
    if (inner_) inner_->sched().disarm(*this);
    soon_.cancel();
}

void timeout::fire_soon() {
    soon_ = inner_->sched().owner().call_soon([this] { fire(); });
}

void timeout::reschedule(std::optional<time_point> deadline) {
    if (expired_) throw invalid_state_error("this timeout has expired: it cannot be rescheduled");
    if (phase_ == phase::finished) throw invalid_state_error("the body of this timeout has ended: there is nothing to reschedule");
    deadline_ = deadline;
    if (phase_ != phase::active) return;
    disarm();
    arm();
}

void timeout::fire() noexcept {
    // A body always gets to its first suspension: its first step stands in the queue, look again behind it.
    if (inner_->current_phase() == detail::task_state::phase::created) return fire_soon();
    expired_ = true;
    inner_->cancel({});
}

namespace detail {

timed_wait_base::~timed_wait_base() {
    if (entered_) scope().leave();
}

void timed_wait_base::suspend() { inner_->add_completion(*this); }

void timed_wait_base::completed(task_state& ended) noexcept {
    if (entered_) scope().leave();  // no deadline that passes until the waiting task runs counts
    if (cancelling_) waiting_task()->take_back_cancel(ended);
    wake();
}

cancel_reply timed_wait_base::cancel() noexcept {
    if (inner_->passes_cancel_on()) {  // a circle, as in join_base
        completion::unlink();
        return cancel_reply::left;
    }
    cancelling_ = true;
    inner_->cancel(waiting_task()->cancel_message());
    return cancel_reply::forwarded;
}

void timed_wait_base::throw_unless_in_time() {
    if (entered_) scope().leave();
    if (inner_->was_cancelled() && scope().expired() && !cancelling_) {
        throw timeout_error("the deadline passed before the awaited operation was done");
    }
}

}  // namespace detail

}  // namespace brio::inline v0
