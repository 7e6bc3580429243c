// SPDX-License-Identifier: BSL-1.0
// Counting steps, and cancelling at one of them.
#include "testing/injector.hpp"

#include <brio/detail/describe.hpp>
#include <brio/detail/task_state.hpp>
#include <brio/testing/cancel_at_each_await.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::testing {

namespace {

thread_local injector* current_injector = nullptr;

std::string doing(const detail::task_state& task) {
    std::string text = "task '" + task.name() + "'";
    if (task.current_phase() == detail::task_state::phase::created) return text + " before its first step";
    if (detail::scheduler::current()->current_task == &task) return text + " in a step";
    const detail::waiter* const wait = task.waiting_on();
    if (!wait) return text + " in a raw Asio operation";
    text += std::string(wait->is_waiting() ? " while it waited in " : " after it was woken from ") + wait->describe();
    if (wait->where().line() != 0) text += " at " + detail::describe(wait->where());
    return text;
}

}  // namespace

injector::injector(std::optional<cancel_plan> plan, std::unique_ptr<detail::pick_order> order, std::uint64_t step_limit)
    : plan_(plan), order_(std::move(order)), step_limit_(step_limit), previous_(std::exchange(current_injector, this)) {}

injector::~injector() { current_injector = previous_; }

injector* injector::current() noexcept { return current_injector; }

std::size_t injector::pick(const detail::ready_queue& turn) noexcept {
    ++steps_;
    if (ran_away()) get_running_loop().stop();
    if (!plan_) look_at_tasks();
    if (plan_ && steps_ == plan_->step) {
        if (plan_->when == moment::before_step) inject();
        if (plan_->when == moment::after_step) get_running_loop().call_soon([this] { inject(); });
    }
    return order_ ? order_->pick(turn) : 0;
}

void injector::point() noexcept {
    ++points_;
    if (plan_ && plan_->when == moment::in_step && points_ == plan_->step) inject();
}

// All but the supervisor, which is the first. The loop's last steps have no task at all.
void injector::look_at_tasks() noexcept {
    const std::size_t count = all_tasks().size();
    if (count > 0) most_tasks_ = std::max(most_tasks_, count - 1);
}

void injector::inject() noexcept {
    if (plan_->victim == 0) {
        if (!scenario_ || scenario_.done()) return;
        victim_ = scenario_;
    } else {
        const auto tasks = all_tasks();
        if (plan_->victim + 1 >= tasks.size()) return;
        victim_ = tasks[plan_->victim + 1];
    }
    victim_text_ = doing(*victim_.untyped_state());
    cancel();
    if (plan_->times == 2) cancel();
    if (plan_->times == 3) get_running_loop().call_soon([this] { cancel(); });
}

void injector::cancel() noexcept {
    if (victim_ && victim_.cancel("injected")) ++accepted_;
}

void injector::tell(trial_result& result) const {
    result.steps = steps_;
    result.points = points_;
    result.most_tasks = most_tasks_;
    result.cancels = accepted_;
    result.victim = victim_text_;
}

void cancel_point() noexcept {
    if (injector* const running = injector::current()) running->point();
}

int injected_cancels() noexcept {
    const injector* const running = injector::current();
    return running ? running->accepted() : 0;
}

}  // namespace brio::inline v0::testing
