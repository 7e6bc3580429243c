// SPDX-License-Identifier: BSL-1.0
// The life of a task group: its children, its end, and who is stopped when.
#include <brio/compose/task_group.hpp>

#include <brio/core/error.hpp>
#include <brio/detail/group_wait.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0 {

// Children are left only when the loop ends: they do not run any more.
task_group::~task_group() {
    failed_.splice(children_);
    while (detail::group_link* const link = failed_.pop_front()) delete static_cast<detail::group_child*>(link);
}

std::unique_ptr<detail::group_child> task_group::make_child() const {
    if (phase_ == phase::fresh) {
        throw invalid_state_error("this task group was not entered yet: add tasks inside of with_task_group(group, body)");
    }
    if (phase_ == phase::finished || wait_->finished()) {
        throw invalid_state_error("this task group has ended: its body and all its tasks are done, no task can be added");
    }
    if (aborting_ && !cancelled_) {
        detail::task_state* const caller = wait_->waiting_task()->sched().current_task;
        if (caller && caller->cancel_pending()) throw caller->take_cancel();
        throw invalid_state_error("this task group is shutting down after a failure or a cancel: no task can be added");
    }
    return std::make_unique<detail::group_child>();
}

void task_group::add(std::unique_ptr<detail::group_child> child, const detail::ref<detail::task_state>& task) noexcept {
    child->group = this;
    child->task = task;
    if (task->done()) {  // an eager one: what it did goes through the ready queue like the end of any other
        end_of_child(std::move(child));
        return;
    }
    task->add_completion(*child);
    children_.push_back(*child.release());
    ++size_;
    if (cancelled_) task->cancel({});
}

void task_group::cancel() noexcept {
    if (aborting_ || phase_ == phase::finished) return;
    if (phase_ == phase::active && wait_->finished()) return;
    cancelled_ = true;
    if (phase_ == phase::active) wait_->stop_all();
}

void task_group::child_ended(detail::group_child& child) noexcept {
    static_cast<detail::group_link&>(child).unlink();
    --size_;
    end_of_child(std::unique_ptr<detail::group_child>(&child));
}

void task_group::end_of_child(std::unique_ptr<detail::group_child> child) noexcept {
    if (!wait_) return;
    if (child->task->how() == detail::task_state::outcome::exception) {
        child->task->mark_fetched();
        failed_.push_back(*child.release());
        ++failures_;
        if (!aborting_) wait_->abort_wanted_ = true;
    }
    wait_->wake_if_needed();
}

namespace detail {

namespace {

// A task that joins a failed one fails with the very same exception: that is one error.
void note_error(std::vector<exception_group::member>& errors, task_state& failed, std::string name) {
    std::exception_ptr error = failed.fetch_exception();
    const auto is_same = [&error](const exception_group::member& known) { return known.error() == error; };
    if (std::none_of(errors.begin(), errors.end(), is_same)) errors.emplace_back(std::move(error), std::move(name));
}

}  // namespace

void group_child::completed(task_state&) noexcept { group->child_ended(*this); }

group_wait_base::~group_wait_base() { leave(); }

void group_wait_base::leave() noexcept {
    if (!entered_) return;
    entered_ = false;
    group().phase_ = task_group::phase::finished;
    group().wait_ = nullptr;
}

bool group_wait_base::ready() {
    if (group().phase_ != task_group::phase::fresh) {
        throw invalid_state_error("this task group was used already: make a new one for each with_task_group");
    }
    return false;
}

void group_wait_base::enter(ref<task_state> body) noexcept {
    body_ = std::move(body);
    body_->add_completion(*this);
    group().phase_ = task_group::phase::active;
    group().wait_ = this;
    entered_ = true;
}

// A group that was stopped before: the body gets to its first suspension all the same.
void group_wait_base::begin_body(task_group& group) noexcept {
    if (!group.cancelled_ && !group.aborting_) return;
    group.aborting_ = true;
    group.wait_->body_->stop({});
}

// That of the caller's request; of other stops there is none.
std::string_view group_wait_base::cancel_message() const noexcept {
    if (!cancelling_) return {};
    return waiting_task()->cancel_message();
}

void group_wait_base::stop_all() noexcept {
    abort_wanted_ = false;
    group().aborting_ = true;
    if (!body_->done() && body_->current_phase() != task_state::phase::created) body_->stop(cancel_message());
    auto& children = group().children_;
    for (group_link* link = children.first(); link; link = children.next(*link)) {
        static_cast<group_child*>(link)->task->stop(cancel_message());  // asked for anew: in a circle it may be replaced
    }
}

bool group_wait_base::finished() const noexcept { return body_->done() && group().children_.empty(); }

void group_wait_base::wake_if_needed() noexcept {
    if (abort_wanted_ || finished()) wake();
}

bool group_wait_base::resumable() noexcept {
    if (abort_wanted_) stop_all();
    return finished();
}

void group_wait_base::completed(task_state& body) noexcept {
    task_group& scope = group();
    if (body.how() == task_state::outcome::exception) {
        body.mark_fetched();
        failed_before_body_ = scope.failures_;
    }
    if (body.how() != task_state::outcome::value && !scope.aborting_) stop_all();
    if (cancelling_ && body.cancel_pending() && !body.was_cancelled()) {  // it did not hear of the caller's cancel
        if (scope.children_.empty()) {
            waiting_task()->take_back_cancel(body);
        } else {
            interrupted_ = true;
            stop_all();
        }
    }
    wake_if_needed();
}

cancel_reply group_wait_base::cancel() noexcept {
    cancelling_ = true;
    if (!body_->done()) {
        body_->cancel(cancel_message());
    } else {
        interrupted_ = true;
        stop_all();
    }
    return cancel_reply::forwarded;
}

cancel_reply group_wait_base::cancel_woken() noexcept { return finished() ? cancel_reply::completed : cancel(); }

const task_state* group_wait_base::awaited_task() const noexcept {
    if (!body_ || !body_->done()) return body_.get();
    const group_link* const link = group().children_.first();
    return link ? static_cast<const group_child*>(link)->task.get() : nullptr;
}

std::vector<exception_group::member> group_wait_base::take_errors() {
    std::vector<exception_group::member> errors;
    std::size_t children = 0;
    const auto note_body = [&] {
        if (body_->how() != task_state::outcome::exception || children != failed_before_body_) return;
        note_error(errors, *body_, "body of " + waiting_task()->name());
    };
    note_body();
    while (group_link* const link = group().failed_.pop_front()) {
        const std::unique_ptr<group_child> child(static_cast<group_child*>(link));
        note_error(errors, *child->task, child->task->name());
        ++children;
        note_body();
    }
    return errors;
}

bool group_wait_base::has_value() {
    task_group& scope = group();
    leave();
    if (scope.failures_ > 0 || body_->how() == task_state::outcome::exception) {
        if (cancelling_ && waiting_task()->cancelling() > 0) waiting_task()->defer_cancel();
        throw exception_group("unhandled errors in a task group", take_errors());
    }
    if (interrupted_) throw cancelled_error(std::string(cancel_message()));
    if (!body_->was_cancelled()) return true;
    if (!scope.cancelled_) throw cancelled_error(body_->cancel_message());
    if (cancelling_) throw cancelled_error(std::string(cancel_message()));  // the body's may be that of the group's stop
    return false;
}

void group_wait_base::throw_no_value() {
    throw invalid_state_error(
        "the task group was cancelled before its body had a value: let the body return one, or make it a body without");
}

}  // namespace detail

}  // namespace brio::inline v0
