// SPDX-License-Identifier: BSL-1.0
// Watching several tasks.
#include <brio/detail/watch_list.hpp>

#include <brio/core/error.hpp>

#include <algorithm>
#include <unordered_set>

namespace brio::inline v0::detail {

const ref<task_state>& require_watched(const task_handle& handle) {
    if (!handle) throw invalid_state_error("an empty task_handle cannot be waited for: it refers to no task");
    return handle.untyped_state();
}

void watch_list::add(ref<task_state> task, bool is_new) {
    try {
        children_.emplace_back(task, is_new);
    } catch (...) {
        if (is_new) detail::give_up(*task);
        throw;
    }
}

void watch_list::give_up() noexcept {
    for (const watched& child : children_) {
        if (child.is_new()) detail::give_up(*child.task());
    }
}

void watch_list::drop_duplicates() {
    std::unordered_set<const task_state*> seen;
    seen.reserve(children_.size());
    const auto is_known = [&seen](const watched& child) { return !seen.insert(child.task().get()).second; };
    children_.erase(std::remove_if(children_.begin(), children_.end(), is_known), children_.end());
}

void watch_list::watch(watcher& owner) noexcept {
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (!children_[i].task()->done()) children_[i].enlist(owner, i);
    }
}

void watch_list::unwatch() noexcept {
    for (watched& child : children_) child.unlink();
}

void watch_list::cancel_all() noexcept {
    for (watched& child : children_) {
        if (!child.task()->done()) child.task()->cancel({});
    }
}

// The reason is asked for anew each time: in a circle of tasks it may be replaced meanwhile.
void watch_list::pass_cancel_on(const task_state& asked) noexcept {
    for (watched& child : children_) {
        if (!child.task()->done()) child.task()->cancel(asked.cancel_message());
    }
}

void watch_list::visit(task_visitor& visitor) const {
    for (const watched& child : children_) visitor.visit(*child.task());
}

}  // namespace brio::inline v0::detail
