// SPDX-License-Identifier: BSL-1.0
// Scheduling and running of callbacks.
#include <brio/detail/callback.hpp>

#include <brio/core/loop.hpp>
#include <brio/detail/mailbox.hpp>

namespace brio::inline v0::detail {

callback::~callback() = default;

void callback::cancel() noexcept {
    cancelled_.store(true, std::memory_order_relaxed);
    if (is_armed()) {
        sched_->disarm(*this);
        release();
    }
}

void callback::schedule_soon(scheduler& sched) noexcept {
    sched_ = &sched;
    add_ref();
    sched.make_ready(*this);
}

void callback::schedule_at(scheduler& sched, time_point due) {
    sched_ = &sched;
    due_ = due;
    sched.arm(*this, due);
    add_ref();
}

bool callback::schedule_threadsafe(mailbox& inbox) {
    add_ref();
    if (inbox.put(*this)) return true;
    release();
    return false;
}

void callback::fire() noexcept { sched_->make_ready(*this); }

void callback::run() noexcept {
    const ref<callback> self(this, adopt);
    if (is_cancelled()) return;
    const context_scope own(&context_);
    try {
        invoke();
    } catch (...) {
        scheduler::current()->owner().call_exception_handler(
            error_context("exception in a callback", std::current_exception()));
    }
}

}  // namespace brio::inline v0::detail
