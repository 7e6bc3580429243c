// SPDX-License-Identifier: BSL-1.0
// The tasks that wait, as_completed and race watch: how each argument becomes one, and who hears of their ends.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/task_state.hpp>

#include <cstddef>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

/// What can be watched: anything awaitable, and a task whose type is not known.
template <class X>
concept watchable = any_awaitable<X> || std::is_same_v<std::remove_cvref_t<X>, task_handle>;

template <class Range>
concept watchable_range = std::ranges::input_range<Range> && watchable<std::ranges::range_value_t<Range>>;

/// The handle by which a watched `X` is given back: `task<T>`, or what was given: `future<T>`, `task_handle`.
template <class X>
struct watch_handle {
    using type = task<await_result_t<X>>;
};
template <class T>
struct watch_handle<future<T>> {
    using type = future<T>;
};
template <>
struct watch_handle<task_handle> {
    using type = task_handle;
};
template <class X>
using watch_handle_t = typename watch_handle<std::remove_cvref_t<X>>::type;

/// One type for the handles of several arguments: their own when they agree, else `task_handle`. Options do not count.
template <class Found, class... Xs>
struct common_handle {
    using type = Found;
};
template <class Found, class X, class... Rest>
struct common_handle<Found, X, Rest...> : common_handle<Found, Rest...> {};
template <class Found, watchable X, class... Rest>
struct common_handle<Found, X, Rest...>
    : common_handle<std::conditional_t<std::is_void_v<Found> || std::is_same_v<Found, watch_handle_t<X>>, watch_handle_t<X>, task_handle>,
                    Rest...> {};
template <class... Xs>
using common_handle_t = typename common_handle<void, Xs...>::type;

/// Whether the arguments are at least one that can be watched, and options behind them or none.
template <class Options, class... Xs>
constexpr bool watchable_then() {
    if constexpr (sizeof...(Xs) == 0) {
        return false;
    } else {
        constexpr std::size_t count = sizeof...(Xs);
        constexpr bool is_task[] = {watchable<Xs>...};
        constexpr bool is_option[] = {std::is_convertible_v<Xs, Options>...};
        for (std::size_t i = 0; i + 1 < count; ++i) {
            if (!is_task[i]) return false;
        }
        return is_task[count - 1] || (count > 1 && is_option[count - 1]);
    }
}

/// Throws invalid_state_error unless there is a task.
BRIO_API const ref<task_state>& require_watched(const task_handle& handle);

/// The task behind `x`; a coroutine or an operation becomes a new one.
template <watchable X>
ref<task_state> watched_task(scheduler& sched, X&& x, source_location where) {
    if constexpr (any_awaitable<X>) {
        return ensure_task(sched, std::forward<X>(x), where);
    } else {
        const ref<task_state>& task = require_watched(x);
        require_own(sched, *task);
        return task;
    }
}

template <class Handle>
Handle handle_of(const ref<task_state>& state) {
    if constexpr (std::is_same_v<Handle, task_handle>) {
        return task_handle(state);
    } else {
        using typed = task_result<typename Handle::value_type>;
        return Handle(ref<typed>(static_cast<typed*>(state.get())));
    }
}

/// Calls `use(element)` for each element: moved out of a container that was given away, as it is otherwise.
template <class Range, class F>
void for_each_given(Range&& range, F use) {
    for (auto&& x : range) {
        if constexpr (std::is_lvalue_reference_v<Range> || std::ranges::view<std::remove_cvref_t<Range>>) {
            use(std::forward<decltype(x)>(x));
        } else {
            use(std::move(x));
        }
    }
}

/// Hears of the end of watched tasks.
class BRIO_API watcher {
public:
    /// By the last step of task number `index`: may wake waiters and cancel tasks, runs no user code.
    virtual void child_ended(std::size_t index) noexcept = 0;

protected:
    ~watcher() = default;
};

/// One watched task. Not moved while it is enlisted.
class BRIO_API watched final : public completion {
public:
    /// `is_new`: the task was made for this, and nobody else knows it.
    watched(ref<task_state> task, bool is_new) noexcept : task_(std::move(task)), is_new_(is_new) {}
    watched(watched&& other) noexcept : completion(), task_(std::move(other.task_)), is_new_(other.is_new_) {}
    watched& operator=(watched&& other) noexcept {
        task_ = std::move(other.task_);
        is_new_ = other.is_new_;
        return *this;
    }

    [[nodiscard]] const ref<task_state>& task() const noexcept { return task_; }
    [[nodiscard]] bool is_new() const noexcept { return is_new_; }
    void enlist(watcher& owner, std::size_t index) noexcept {
        owner_ = &owner;
        index_ = index;
        task_->add_completion(*this);
    }
    void completed(task_state&) noexcept override { owner_->child_ended(index_); }

private:
    ref<task_state> task_;
    watcher* owner_ = nullptr;
    std::size_t index_ = 0;
    bool is_new_;
};

/// Tasks in the order given. Movable until it watches.
class BRIO_API watch_list {
public:
    /// Calls `add_all`, which adds tasks. When it throws, those that were made for this list are stopped: nobody could
    /// wait for them.
    template <class F>
    void fill(F add_all) {
        try {
            add_all();
        } catch (...) {
            give_up();
            throw;
        }
    }
    template <class X>
    void add(scheduler& sched, X&& x, const source_location& where) {
        add(watched_task(sched, std::forward<X>(x), where), makes_task<X>);
    }
    /// Of several handles of one task only the first stays.
    void drop_duplicates();

    [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }
    [[nodiscard]] const ref<task_state>& operator[](std::size_t index) const noexcept { return children_[index].task(); }

    /// `owner` hears of every task that is not done yet, until `unwatch()` or the end of this list.
    void watch(watcher& owner) noexcept;
    void unwatch() noexcept;
    /// Asks every task that is not done to stop.
    void cancel_all() noexcept;
    /// The same, for the reason that `asked` was given.
    void pass_cancel_on(const task_state& asked) noexcept;
    /// Shows `visitor` every task, done ones too.
    void visit(task_visitor& visitor) const;

private:
    void add(ref<task_state> task, bool is_new);
    void give_up() noexcept;

    std::vector<watched> children_;
};

}  // namespace brio::inline v0::detail
