// SPDX-License-Identifier: BSL-1.0
// Time that jumps: to the next deadline, or to where an advance() wants to go.
#include <brio/testing/virtual_clock.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/task_state.hpp>

#include <algorithm>

namespace brio::inline v0::testing {

namespace {

// An advance has a timer right behind its target: when the clock is to jump there, nothing can move up to the target.
constexpr detail::duration behind{1};

}  // namespace

advance_operation::advance_operation(virtual_clock& clock, detail::duration delay, const source_location& where) noexcept
    : operation_base(where),
      clock_(clock),
      target_(clock.now() + std::clamp(delay, detail::duration::zero(), detail::time_point::max() - behind - clock.now())) {}

advance_operation::~advance_operation() = default;

void advance_operation::suspend() {
    waiting_task()->sched().arm(*this, target_ + behind);
    clock_.targets_.push_back(*this);
}

void advance_operation::leave() noexcept {
    unlink();
    waiting_task()->sched().disarm(*this);
}

void advance_operation::reached() noexcept {
    leave();
    wake();
}

detail::cancel_reply advance_operation::cancel() noexcept {
    leave();
    return detail::cancel_reply::left;
}

virtual_clock::~virtual_clock() = default;

void virtual_clock::attach(loop& target) noexcept { target.scheduler().use_clock(this); }

bool virtual_clock::advance_to(detail::time_point deadline) noexcept {
    advance_operation* first = nullptr;
    for (advance_operation* each = targets_.first(); each; each = targets_.next(*each)) {
        if (each->target() < deadline && (!first || each->target() < first->target())) first = each;
    }
    now_ = std::max(now_, first ? first->target() : deadline);
    if (first) first->reached();
    return true;
}

virtual_clock& current_clock() {
    detail::clock_source* const used = detail::scheduler::require("current_clock()").clock();
    if (auto* const found = dynamic_cast<virtual_clock*>(used)) return *found;
    throw loop_error("this loop runs in real time, there is no virtual clock to move: use BRIO_TEST, or sleep()");
}

}  // namespace brio::inline v0::testing
