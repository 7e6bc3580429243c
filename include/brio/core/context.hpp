// SPDX-License-Identifier: BSL-1.0
// context: the values that task-local variables have, as an object.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/context_state.hpp>

#include <cstddef>
#include <functional>
#include <utility>

namespace brio::inline v0 {

/// The set of values of all `context_var`s; asyncio's `contextvars.Context`. Copies of the object refer to the same
/// context; `copy()` makes another one.
///
/// Every task has a context of its own: a copy, made when the task is created, of its creator's. A callback
/// (`call_soon`, a done callback) and a function given to `to_thread` run in a copy of the context of who gave them.
class BRIO_API context {
public:
    /// An empty one.
    context() : state_(new detail::context_state, detail::adopt) {}
    explicit context(detail::ref<detail::context_state> state) noexcept : state_(std::move(state)) {}
    // Not movable, so that none is ever without a state.
    context(const context&) noexcept = default;
    context& operator=(const context&) noexcept = default;
    ~context() = default;

    /// Another context with the same values, in constant time.
    [[nodiscard]] context copy() const { return context(state_->copy()); }
    /// Variables that have a value here.
    [[nodiscard]] std::size_t size() const noexcept { return state_->size(); }

    /// Calls `function(args...)` in this context: what it sets stays here. For plain functions; a coroutine gets its
    /// context from `create_task(body, task_options().context(c))`.
    template <class F, class... Args>
    decltype(auto) run(F&& function, Args&&... args) const {
        detail::ref<detail::context_state> slot = state_;
        const detail::context_scope here(&slot);
        return std::invoke(std::forward<F>(function), std::forward<Args>(args)...);
    }

    friend bool operator==(const context& a, const context& b) noexcept { return a.state_ == b.state_; }

    /// For brio itself.
    [[nodiscard]] const detail::ref<detail::context_state>& state() const noexcept { return state_; }

private:
    detail::ref<detail::context_state> state_;
};

/// The context in use, itself: a change of a variable shows in it.
[[nodiscard]] BRIO_API context current_context();
/// A copy of the context in use; asyncio's `contextvars.copy_context`.
[[nodiscard]] BRIO_API context copy_context();

}  // namespace brio::inline v0
