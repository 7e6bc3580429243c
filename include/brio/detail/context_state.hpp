// SPDX-License-Identifier: BSL-1.0
// What task-local variables are kept in: a small map from variables to values, copied in O(1).
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/ref.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace brio::inline v0::detail {

class scheduler;

/// Counted; a task that never sets a variable has none. Copies share their entries until one of them changes.
class BRIO_API context_state {
public:
    using value = std::shared_ptr<const void>;

    context_state() noexcept = default;
    context_state(const context_state&) = delete;
    context_state& operator=(const context_state&) = delete;

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    [[nodiscard]] ref<context_state> copy() const;
    /// Null when the variable has no value here.
    [[nodiscard]] value find(std::uint64_t variable) const noexcept;
    /// A null value takes the variable out. Gives the value it had.
    value exchange(std::uint64_t variable, value to);
    [[nodiscard]] std::size_t size() const noexcept { return entries_ ? entries_->size() : 0; }

    [[nodiscard]] static std::uint64_t new_variable() noexcept;
    /// Whether this program has set any variable so far: most never do, and their tasks need not look for a context.
    [[nodiscard]] static bool in_use() noexcept { return in_use_.load(std::memory_order_relaxed); }

private:
    struct entry {
        std::uint64_t variable;
        value content;
    };

    ~context_state() = default;

    static std::atomic<bool> in_use_;

    std::atomic<std::uint32_t> refs_{1};
    std::shared_ptr<const std::vector<entry>> entries_;  // never changed once shared
};

/// Where the context of the code that runs now is kept: in its task, its callback, or its thread.
[[nodiscard]] BRIO_API ref<context_state>& current_context_slot() noexcept;
/// That context, made when there is none.
[[nodiscard]] BRIO_API context_state& current_context();
/// A copy of it for a new task or callback; null when nothing is set.
[[nodiscard]] BRIO_API ref<context_state> copy_of_current_context();
[[nodiscard]] inline ref<context_state> inherited_context() {
    return context_state::in_use() ? copy_of_current_context() : nullptr;
}

/// Code runs in another context for the life of this guard; null: in that of its task.
class BRIO_API context_scope {
public:
    explicit context_scope(ref<context_state>* slot) noexcept;
    context_scope(const context_scope&) = delete;
    context_scope& operator=(const context_scope&) = delete;
    ~context_scope();

private:
    ref<context_state>* previous_;
};

}  // namespace brio::inline v0::detail
