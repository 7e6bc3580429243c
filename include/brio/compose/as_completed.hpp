// SPDX-License-Identifier: BSL-1.0
// as_completed: several tasks, given back in the order in which they end.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/wait_deadline.hpp>
#include <brio/detail/watch_list.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

namespace brio::inline v0 {

namespace detail {

/// The optional last argument of `as_completed`: a duration.
class completion_limit {
public:
    completion_limit() noexcept = default;
    template <class Rep, class Period>
    completion_limit(std::chrono::duration<Rep, Period> limit) : limit_(bounded(limit)) {}
    [[nodiscard]] std::optional<duration> value() const noexcept { return limit_; }

private:
    std::optional<duration> limit_;
};

/// Tasks in the order of their ends, and who waits for the next one. Stays in its place.
class BRIO_API completion_order final : private watcher {
public:
    /// Calls `add_all`, which adds the arguments; after that they are complete.
    template <class F>
    void fill(F add_all) {
        children_.fill([&] {
            add_all();
            seal();
        });
    }
    template <class X>
    void add(scheduler& sched, X&& x, const source_location& where) {
        children_.add(sched, std::forward<X>(x), where);
    }
    void set_limit(completion_limit limit);

    [[nodiscard]] bool has_next() const noexcept { return given_ < ended_.size(); }
    [[nodiscard]] bool exhausted() const noexcept { return given_ == children_.size(); }
    const ref<task_state>& take() noexcept;
    /// One that waits may look; no effect when there is none, or nothing to see.
    void pass_on() noexcept;
    [[nodiscard]] std::vector<ref<task_state>> not_given() const;
    void visit(task_visitor& visitor) const { children_.visit(visitor); }
    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return deadline_; }

    intrusive_list<waiter> waiters;

private:
    void child_ended(std::size_t index) noexcept override;
    void seal();

    watch_list children_;
    std::vector<std::size_t> ended_;  // in order; never grows beyond its first capacity
    std::size_t given_ = 0;
    std::optional<time_point> deadline_;
};

class BRIO_API next_completed_base : public operation_base {
public:
    bool ready() const noexcept { return order_->has_next() || order_->exhausted(); }
    void suspend();
    bool resumable() noexcept override;
    cancel_reply cancel() noexcept override;
    cancel_reply cancel_woken() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "as_completed.next()"; }
    void visit_awaited(task_visitor& visitor) const override { order_->visit(visitor); }

protected:
    next_completed_base(std::shared_ptr<completion_order> order, const source_location& where) noexcept
        : operation_base(where), order_(std::move(order)), deadline_(order_->deadline()) {}
    next_completed_base(next_completed_base&&) noexcept = default;
    ~next_completed_base() = default;

    /// The next task, null when all were given; throws timeout_error.
    ref<task_state> take();

private:
    std::shared_ptr<completion_order> order_;
    wait_deadline deadline_;
};

template <class Handle>
class [[nodiscard("next does nothing unless it is awaited: co_await it")]] next_completed final : public next_completed_base {
public:
    using value_type = std::optional<Handle>;

    next_completed(std::shared_ptr<completion_order> order, const source_location& where) noexcept
        : next_completed_base(std::move(order), where) {}
    next_completed(next_completed&&) noexcept = default;

    value_type resume() {
        const ref<task_state> next = take();
        if (!next) return std::nullopt;
        return handle_of<Handle>(next);
    }
};

}  // namespace detail

/// Gives tasks in the order in which they end. Made by `as_completed`; movable. `Handle` is `task<T>`, or
/// `task_handle` for tasks of several types.
template <class Handle>
class completion_iterator {
public:
    /// For brio itself.
    explicit completion_iterator(std::shared_ptr<detail::completion_order> order) noexcept : order_(std::move(order)) {}

    /// The next task that has ended: the very task that was given, or the new one of a coroutine. None when all were
    /// given. Does not suspend when there is one. Once the time is up, tasks that have ended are still given; then
    /// it throws timeout_error, again and again. Several may wait at once; each gets another task.
    /// **Cancellation** while waiting takes nothing: a task that ended meanwhile is given next time.
    detail::next_completed<Handle> next(const source_location& where = source_location::current()) {
        return {order_, where};
    }
    /// The tasks not given yet, done or not, in the order of the arguments.
    [[nodiscard]] std::vector<Handle> remaining() const {
        std::vector<Handle> handles;
        for (const detail::ref<detail::task_state>& task : order_->not_given()) handles.push_back(detail::handle_of<Handle>(task));
        return handles;
    }

private:
    std::shared_ptr<detail::completion_order> order_;
};

/// Iterates over the tasks of `range` in the order in which they end, in whatever way:
///
///     auto pages = brio::as_completed(std::move(fetches), 10s);
///     while (auto next = co_await pages.next()) use(next->result());
///
/// The range has tasks (of one type, or `task_handle`s), coroutines or operations; the latter start, as tasks, when
/// `as_completed` is called. A task given twice is given back once. Those that have ended before the call come first,
/// in the order given. The limit, if any, counts from the call; no timer is left behind.
/// Dropping the iterator early cancels nothing: the rest runs on, and a failure that nobody reads is reported.
/// asyncio's `as_completed` (`async for`); differs in that after the deadline nothing that has ended is kept back.
template <detail::watchable_range Range>
auto as_completed(Range&& range, detail::completion_limit limit = detail::completion_limit(), source_location where = source_location::current()) {
    detail::scheduler& sched = detail::scheduler::require("as_completed");
    auto order = std::make_shared<detail::completion_order>();
    order->set_limit(limit);
    order->fill([&] {
        detail::for_each_given(std::forward<Range>(range), [&](auto&& x) { order->add(sched, std::forward<decltype(x)>(x), where); });
    });
    return completion_iterator<detail::watch_handle_t<std::ranges::range_value_t<Range>>>(std::move(order));
}

/// The same for single ones, with the limit behind them: `as_completed(a, b, 10s)`. Tasks of several types are given
/// back as `task_handle`s.
template <class... Xs>
    requires(detail::watchable_then<detail::completion_limit, Xs...>())
auto as_completed(Xs&&... xs) {
    detail::scheduler& sched = detail::scheduler::require("as_completed");
    auto order = std::make_shared<detail::completion_order>();
    const auto take = [&]<class X>(X&& x) {
        if constexpr (detail::watchable<X>) {
            order->add(sched, std::forward<X>(x), source_location());
        } else {
            order->set_limit(std::forward<X>(x));
        }
    };
    order->fill([&] { (take(std::forward<Xs>(xs)), ...); });
    return completion_iterator<detail::common_handle_t<Xs...>>(std::move(order));
}

}  // namespace brio::inline v0
