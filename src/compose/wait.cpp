// SPDX-License-Identifier: BSL-1.0
// Waiting for the first, or for all.
#include <brio/compose/wait.hpp>

#include <stdexcept>

namespace brio::inline v0::detail {

namespace {

std::optional<time_point> deadline_of(const wait_options& options) {
    if (!options.limit()) return std::nullopt;
    return scheduler::require("wait").now() + *options.limit();
}

}  // namespace

wait_base::wait_base(const wait_options& options, const source_location& where)
    : operation_base(where), what_(options.awaited()), deadline_(deadline_of(options)) {}

void wait_base::set_options(const wait_options& options) {
    what_ = options.awaited();
    deadline_.set(deadline_of(options));
}

void wait_base::seal() {
    if (children_.size() == 0) {
        throw std::invalid_argument("wait was given no tasks: it would have nothing to wait for; check that first");
    }
    children_.drop_duplicates();
}

bool wait_base::is_enough(const task_state& ended) const noexcept {
    switch (what_) {
        case return_when::first_completed: return true;
        case return_when::first_exception: return ended.how() == task_state::outcome::exception;
        default: return false;
    }
}

bool wait_base::ready() noexcept {
    remaining_ = 0;
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (!children_[i]->done()) {
            ++remaining_;
        } else if (is_enough(*children_[i])) {
            return true;
        }
    }
    return remaining_ == 0;
}

void wait_base::suspend() {
    deadline_.arm(waiting_task()->sched(), *this);
    children_.watch(*this);
}

void wait_base::child_ended(std::size_t index) noexcept {
    --remaining_;
    if (remaining_ > 0 && !is_enough(*children_[index])) return;
    deadline_.disarm();
    wake();
}

cancel_reply wait_base::cancel() noexcept {
    leave();
    return cancel_reply::left;
}

void wait_base::leave() noexcept {
    deadline_.disarm();
    children_.unwatch();
}

}  // namespace brio::inline v0::detail
