// SPDX-License-Identifier: BSL-1.0
// Counting a gather's children.
#include <brio/detail/gather.hpp>

#include <brio/core/error.hpp>
#include <brio/detail/awaitable_traits.hpp>

namespace brio::inline v0::detail {

namespace {

bool failed(const task_state& task) noexcept {
    return task.how() == task_state::outcome::exception || task.how() == task_state::outcome::cancelled;
}

}  // namespace

// Whoever leaves a gather early has seen one error; those that come later are not reported.
gather_base::~gather_base() {
    if (!first_failed_ && !cancelling_) return;
    for (child& item : children_) {
        if (item.task) item.task->mark_fetched();
    }
}

void gather_base::give_up() noexcept {
    for (const child& item : children_) {
        if (item.is_new) detail::give_up(*item.task);
    }
}

bool gather_base::ready() noexcept {
    remaining_ = 0;
    for (child& item : children_) {
        if (!item.task->done()) {
            ++remaining_;
        } else if (!return_exceptions_ && !first_failed_ && failed(*item.task)) {
            first_failed_ = item.task.get();
        }
    }
    return remaining_ == 0 || first_failed_;
}

void gather_base::suspend() noexcept {
    for (child& item : children_) {
        if (item.task->done()) continue;
        item.owner = this;
        item.task->add_completion(item);
    }
}

void gather_base::child_ended(task_state& task) noexcept {
    --remaining_;
    if (!return_exceptions_ && !first_failed_ && failed(task)) {
        first_failed_ = &task;
        if (!cancelling_) wake();
    }
    if (remaining_ == 0) wake();
}

cancel_reply gather_base::cancel() noexcept {
    cancelling_ = true;
    for (child& item : children_) {
        if (!item.task->done()) item.task->cancel(waiting_task()->cancel_message());
    }
    return cancel_reply::forwarded;
}

void gather_base::throw_if_failed() {
    if (cancelling_) throw cancelled_error(waiting_task()->cancel_message());
    if (first_failed_) throw_unless_value(*first_failed_);
}

void gather_base::visit_awaited(task_visitor& visitor) const {
    for (const child& item : children_) visitor.visit(*item.task);
}

std::exception_ptr gather_base::error_of(task_state& task) noexcept {
    switch (task.how()) {
        case task_state::outcome::cancelled: return std::make_exception_ptr(cancelled_error(task.cancel_message()));
        case task_state::outcome::exception: return task.fetch_exception();
        default: return nullptr;
    }
}

}  // namespace brio::inline v0::detail
