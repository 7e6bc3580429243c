// SPDX-License-Identifier: BSL-1.0
// The order of completion.
#include <brio/compose/as_completed.hpp>

#include <brio/core/error.hpp>

namespace brio::inline v0::detail {

void completion_order::set_limit(completion_limit limit) {
    if (limit.value()) deadline_ = scheduler::require("as_completed").now() + *limit.value();
}

void completion_order::seal() {
    children_.drop_duplicates();
    ended_.reserve(children_.size());
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (children_[i]->done()) ended_.push_back(i);
    }
    children_.watch(*this);
}

void completion_order::child_ended(std::size_t index) noexcept {
    ended_.push_back(index);
    pass_on();
}

void completion_order::pass_on() noexcept {
    if (!has_next()) return;
    if (waiter* next = waiters.pop_front()) next->wake();
}

const ref<task_state>& completion_order::take() noexcept {
    const ref<task_state>& next = children_[ended_[given_++]];
    if (exhausted()) {
        while (waiter* late = waiters.pop_front()) late->wake();  // nothing comes any more
    }
    return next;
}

std::vector<ref<task_state>> completion_order::not_given() const {
    std::vector<bool> is_given(children_.size());
    for (std::size_t i = 0; i < given_; ++i) is_given[ended_[i]] = true;
    std::vector<ref<task_state>> rest;
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (!is_given[i]) rest.push_back(children_[i]);
    }
    return rest;
}

void next_completed_base::suspend() {
    deadline_.arm(waiting_task()->sched(), *this);
    order_->waiters.push_back(*this);
}

bool next_completed_base::resumable() noexcept {
    if (ready() || deadline_.passed()) return true;
    order_->waiters.push_back(*this);
    return false;
}

cancel_reply next_completed_base::cancel() noexcept {
    unlink();
    deadline_.disarm();
    return cancel_reply::left;
}

// The task that woke this waiter is for the next one.
cancel_reply next_completed_base::cancel_woken() noexcept {
    deadline_.disarm();
    order_->pass_on();
    return cancel_reply::left;
}

ref<task_state> next_completed_base::take() {
    deadline_.disarm();
    if (order_->has_next()) return order_->take();
    if (order_->exhausted()) return nullptr;
    throw timeout_error("the time given to as_completed passed before all of its tasks were done");
}

}  // namespace brio::inline v0::detail
