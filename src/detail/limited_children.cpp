// SPDX-License-Identifier: BSL-1.0
// Counting the children of a bounded gather.
#include <brio/detail/limited_children.hpp>

#include <brio/core/error.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/join.hpp>

namespace brio::inline v0::detail {

// As for gather: whoever leaves early has seen one error (of a child, or of the range itself); those that come later are
// not reported.
limited_children::~limited_children() {
    if (!first_failed_ && !cancelling_ && running_ == 0) return;
    for (watched& child : children_) child.task()->mark_fetched();
}

void limited_children::add(ref<task_state> task) {
    try {
        children_.emplace_back(task, true);
    } catch (...) {
        give_up(*task);
        throw;
    }
    ++running_;
    const std::size_t index = children_.size() - 1;
    if (task->done()) {  // an eager one
        child_ended(index);
    } else {
        children_.back().enlist(*this, index);
    }
}

void limited_children::child_ended(std::size_t index) noexcept {
    --running_;
    task_state& ended = *children_[index].task();
    if (!keep_errors_ && !first_failed_ && ended.how() != task_state::outcome::value) first_failed_ = &ended;
    if (!waiting_) return;
    if (cancelling_ ? running_ == 0 : waiting_->ready()) waiting_->wake();
}

void limited_children::throw_if_failed(const room& wait) {
    waiting_ = nullptr;
    if (cancelling_) throw cancelled_error(wait.waiting_task()->cancel_message());
    if (first_failed_) throw_unless_value(*first_failed_);
}

std::exception_ptr limited_children::error_of(task_state& task) noexcept {
    switch (task.how()) {
        case task_state::outcome::cancelled: return std::make_exception_ptr(cancelled_error(task.cancel_message()));
        case task_state::outcome::exception: return task.fetch_exception();
        default: return nullptr;
    }
}

cancel_reply limited_children::room::cancel() noexcept {
    children_.cancelling_ = true;
    for (watched& child : children_.children_) {
        if (!child.task()->done()) child.task()->cancel(waiting_task()->cancel_message());
    }
    return cancel_reply::forwarded;
}

const task_state* limited_children::room::awaited_task() const noexcept {
    for (const watched& child : children_.children_) {
        if (!child.task()->done()) return child.task().get();
    }
    return nullptr;
}

}  // namespace brio::inline v0::detail
