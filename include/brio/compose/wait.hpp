// SPDX-License-Identifier: BSL-1.0
// wait: until one or all of several tasks are done, without touching any of them.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/wait_deadline.hpp>
#include <brio/detail/watch_list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// What `wait` waits for.
enum class return_when : std::uint8_t {
    first_completed,  ///< one task is done, in whatever way
    first_exception,  ///< one task has failed (a cancelled one does not count), or all are done
    all_completed,
};
inline constexpr return_when first_completed = return_when::first_completed;
inline constexpr return_when first_exception = return_when::first_exception;
inline constexpr return_when all_completed = return_when::all_completed;

/// How long `wait` waits, and for what: `first_completed`, `5s`, or both, `wait_options(first_completed).timeout(5s)`.
class wait_options {
public:
    wait_options() noexcept = default;
    wait_options(return_when what) noexcept : what_(what) {}
    template <class Rep, class Period>
    wait_options(std::chrono::duration<Rep, Period> limit) : limit_(detail::bounded(limit)) {}

    wait_options& when(return_when what) noexcept {
        what_ = what;
        return *this;
    }
    /// A floating-point NaN throws std::invalid_argument.
    template <class Rep, class Period>
    wait_options& timeout(std::chrono::duration<Rep, Period> limit) {
        limit_ = detail::bounded(limit);
        return *this;
    }

    [[nodiscard]] return_when awaited() const noexcept { return what_; }
    [[nodiscard]] std::optional<detail::duration> limit() const noexcept { return limit_; }

private:
    return_when what_ = return_when::all_completed;
    std::optional<detail::duration> limit_;
};

/// What came of a `wait`, both in the order given. `Handle` is `task<T>`, or `task_handle` for tasks of several types.
template <class Handle>
class wait_result {
public:
    wait_result() noexcept {}

    std::vector<Handle> done;
    std::vector<Handle> pending;
};

namespace detail {

class BRIO_API wait_base : public operation_base, private watcher {
public:
    bool ready() noexcept;
    void suspend();
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "wait"; }
    void visit_awaited(task_visitor& visitor) const override { children_.visit(visitor); }

protected:
    wait_base(const wait_options& options, const source_location& where);
    wait_base(wait_base&&) noexcept = default;
    ~wait_base() = default;

    void set_options(const wait_options& options);
    /// The arguments are complete. Throws std::invalid_argument when there are none.
    void seal();
    /// The wait is over: nothing is left behind on the tasks.
    void leave() noexcept;

    watch_list children_;

private:
    void child_ended(std::size_t index) noexcept override;
    [[nodiscard]] bool is_enough(const task_state& ended) const noexcept;

    return_when what_;
    wait_deadline deadline_;
    std::size_t remaining_ = 0;
};

template <class Handle>
class [[nodiscard("wait does nothing unless it is awaited: co_await it")]] wait_operation final : public wait_base {
public:
    using value_type = wait_result<Handle>;

    template <class Range>
    wait_operation(scheduler& sched, const wait_options& options, const source_location& where, std::in_place_t, Range&& range)
        : wait_base(options, where) {
        children_.fill([&] {
            for_each_given(std::forward<Range>(range), [&](auto&& x) { children_.add(sched, std::forward<decltype(x)>(x), where); });
            seal();
        });
    }
    template <class... Xs>
    wait_operation(scheduler& sched, const source_location& where, Xs&&... xs) : wait_base(wait_options(), where) {
        children_.fill([&] {
            (take(sched, where, std::forward<Xs>(xs)), ...);
            seal();
        });
    }
    wait_operation(wait_operation&&) noexcept = default;

    value_type resume() {
        leave();
        value_type sorted;
        for (std::size_t i = 0; i < children_.size(); ++i) {
            (children_[i]->done() ? sorted.done : sorted.pending).push_back(handle_of<Handle>(children_[i]));
        }
        return sorted;
    }

private:
    template <class X>
    void take(scheduler& sched, const source_location& where, X&& x) {
        if constexpr (watchable<X>) {
            children_.add(sched, std::forward<X>(x), where);
        } else {
            set_options(std::forward<X>(x));
        }
    }
};

template <class... Xs>
auto wait_at(source_location where, Xs&&... xs) {
    return wait_operation<common_handle_t<Xs...>>(scheduler::require("wait"), where, std::forward<Xs>(xs)...);
}

}  // namespace detail

/// Waits until the tasks of `range` are done, or until what the options say, and gives them sorted into `done` and
/// `pending`, each in the order given. What has ended by the time the waiting task runs again is in `done`, so there
/// may be several with `first_completed`; a task that ends at the very moment of the deadline is, too. Nothing is
/// thrown for the tasks: a deadline that passes is no error, and their own errors stay inside them.
///
/// `wait(tasks)`, `wait(tasks, brio::first_completed)`, `wait(tasks, 5s)`,
/// `wait(tasks, wait_options(first_completed).timeout(5s))`. The range has tasks (of one type, or `task_handle`s),
/// coroutines or operations; the latter start, as tasks, when `wait` is called. A task given twice counts once. An
/// empty range throws std::invalid_argument. Does not suspend when there is nothing to wait for.
/// **Cancellation** ends the wait at once and leaves the tasks running; asyncio's `wait`, which refuses coroutines.
template <detail::watchable_range Range>
auto wait(Range&& range, wait_options options = wait_options(), source_location where = source_location::current()) {
    using handle_type = detail::watch_handle_t<std::ranges::range_value_t<Range>>;
    return detail::wait_operation<handle_type>(detail::scheduler::require("wait"), options, where, std::in_place,
                                          std::forward<Range>(range));
}

/// The same for single ones, with the options behind them: `wait(a, b, brio::first_completed)`. Tasks of several types
/// are given back as `task_handle`s.
template <class... Xs>
    requires(detail::watchable_then<wait_options, Xs...>())
auto wait(Xs&&... xs) {
    return detail::wait_at(source_location(), std::forward<Xs>(xs)...);
}
// The same for up to four arguments: a parameter pack leaves no room for the caller's place, by which the wait and its
// tasks are shown.
template <class A>
    requires(detail::watchable_then<wait_options, A>())
auto wait(A&& a, source_location where = source_location::current()) {
    return detail::wait_at(where, std::forward<A>(a));
}
template <class A, class B>
    requires(detail::watchable_then<wait_options, A, B>())
auto wait(A&& a, B&& b, source_location where = source_location::current()) {
    return detail::wait_at(where, std::forward<A>(a), std::forward<B>(b));
}
template <class A, class B, class C>
    requires(detail::watchable_then<wait_options, A, B, C>())
auto wait(A&& a, B&& b, C&& c, source_location where = source_location::current()) {
    return detail::wait_at(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
}
template <class A, class B, class C, class D>
    requires(detail::watchable_then<wait_options, A, B, C, D>())
auto wait(A&& a, B&& b, C&& c, D&& d, source_location where = source_location::current()) {
    return detail::wait_at(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d));
}

}  // namespace brio::inline v0
