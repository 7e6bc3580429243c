// SPDX-License-Identifier: BSL-1.0
// Contexts: copy on write, and which one is current.
#include <brio/detail/context_state.hpp>

#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_state.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::detail {

namespace {

thread_local ref<context_state>* chosen_slot = nullptr;

}  // namespace

std::atomic<bool> context_state::in_use_{false};

std::uint64_t context_state::new_variable() noexcept {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

ref<context_state> context_state::copy() const {
    ref<context_state> made(new context_state, adopt);
    made->entries_ = entries_;
    return made;
}

context_state::value context_state::find(std::uint64_t variable) const noexcept {
    if (!entries_) return nullptr;
    for (const entry& item : *entries_) {
        if (item.variable == variable) return item.content;
    }
    return nullptr;
}

context_state::value context_state::exchange(std::uint64_t variable, value to) {
    in_use_.store(true, std::memory_order_relaxed);
    auto changed = entries_ ? std::make_shared<std::vector<entry>>(*entries_) : std::make_shared<std::vector<entry>>();
    const auto found =
        std::find_if(changed->begin(), changed->end(), [variable](const entry& item) { return item.variable == variable; });
    value before;
    if (found == changed->end()) {
        if (to) changed->push_back({variable, std::move(to)});
    } else {
        before = std::exchange(found->content, std::move(to));
        if (!found->content) changed->erase(found);
    }
    entries_ = std::move(changed);
    return before;
}

ref<context_state>& current_context_slot() noexcept {
    if (chosen_slot) return *chosen_slot;
    if (const scheduler* const sched = scheduler::current(); sched && sched->current_task) {
        return sched->current_task->context();
    }
    static thread_local ref<context_state> of_thread;
    return of_thread;
}

context_state& current_context() {
    ref<context_state>& slot = current_context_slot();
    if (!slot) slot = ref<context_state>(new context_state, adopt);
    return *slot;
}

ref<context_state> copy_of_current_context() {
    const ref<context_state>& slot = current_context_slot();
    return slot && slot->size() > 0 ? slot->copy() : nullptr;
}

context_scope::context_scope(ref<context_state>* slot) noexcept : previous_(std::exchange(chosen_slot, slot)) {}
context_scope::~context_scope() { chosen_slot = previous_; }

}  // namespace brio::inline v0::detail
