// SPDX-License-Identifier: BSL-1.0
// race: several awaitables at once, and the first result of them.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/watch_list.hpp>

#include <cstddef>
#include <optional>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace brio::inline v0 {

/// What came of a race.
template <class Value, class Losers>
class race_result {
public:
    race_result(std::size_t won, Value result, Losers rest)
        : index(won), value(std::move(result)), losers(std::move(rest)) {}

    /// Which argument won.
    std::size_t index;
    /// Its value: `T` (`nothing` for void) when all have one type, else a `std::variant` that holds alternative `index`.
    Value value;
    /// The others, all done: a `std::vector<task<T>>`, or a `std::tuple` of tasks when the types differ, in the order
    /// of the arguments with an empty handle in the winner's place.
    Losers losers;
};

namespace detail {

class BRIO_API race_base : public operation_base, private watcher {
public:
    bool ready() noexcept;
    void suspend() noexcept { children_.watch(*this); }
    cancel_reply cancel() noexcept override;
    [[nodiscard]] bool forwards_cancel() const noexcept override { return true; }
    [[nodiscard]] const char* describe() const noexcept override { return "race"; }
    void visit_awaited(task_visitor& visitor) const override { children_.visit(visitor); }

protected:
    explicit race_base(const source_location& where) noexcept : operation_base(where) {}
    race_base(race_base&&) noexcept = default;
    ~race_base() = default;

    /// The arguments are complete. Throws std::invalid_argument when there are none.
    void seal();
    /// Throws the winner's error, or cancelled_error when there is no winner.
    [[nodiscard]] std::size_t require_winner();

    watch_list children_;

private:
    static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

    void child_ended(std::size_t index) noexcept override;
    [[nodiscard]] bool may_win(std::size_t index) const noexcept;

    std::size_t winner_ = nobody;
    std::size_t remaining_ = 0;
    bool cancelling_ = false;
};

/// All contestants have one type of value.
template <class T, bool MayMove>
class race_uniform : public race_base {
public:
    using value_type = race_result<no_void_t<T>, std::vector<task<T>>>;

    value_type resume() {
        const std::size_t won = require_winner();
        std::vector<task<T>> losers;
        losers.reserve(children_.size());
        for (std::size_t i = 0; i < children_.size(); ++i) {
            losers.push_back(i == won ? task<T>() : handle_of<task<T>>(children_[i]));
        }
        if constexpr (std::is_void_v<T>) {
            return value_type(won, nothing(), std::move(losers));
        } else {
            return value_type(won, take_result<T>(*children_[won], MayMove), std::move(losers));
        }
    }

protected:
    using race_base::race_base;
    race_uniform(race_uniform&&) noexcept = default;
    ~race_uniform() = default;
};

template <class X>
class [[nodiscard("race has started its tasks, but nobody waits for them: co_await it")]] race_range final
    : public race_uniform<await_result_t<X>, !await_traits<X>::is_task> {
public:
    template <class Range>
    race_range(scheduler& sched, const source_location& where, Range&& range)
        : race_uniform<await_result_t<X>, !await_traits<X>::is_task>(where) {
        this->children_.fill([&] {
            for_each_given(std::forward<Range>(range),
                           [&](auto&& x) { this->children_.add(sched, std::forward<decltype(x)>(x), where); });
        });
        this->seal();
    }
    race_range(race_range&&) noexcept = default;
};

template <class T, class... Xs>
class [[nodiscard("race has started its tasks, but nobody waits for them: co_await it")]] race_same final
    : public race_uniform<T, (!await_traits<Xs>::is_task && ...)> {
public:
    template <class... Args>
    explicit race_same(scheduler& sched, const source_location& where, Args&&... xs)
        : race_uniform<T, (!await_traits<Xs>::is_task && ...)>(where) {
        this->children_.fill([&] { (this->children_.add(sched, std::forward<Args>(xs), where), ...); });
        this->seal();
    }
    race_same(race_same&&) noexcept = default;
};

template <class... Xs>
class [[nodiscard("race has started its tasks, but nobody waits for them: co_await it")]] race_mixed final : public race_base {
    using variant = std::variant<no_void_t<await_result_t<Xs>>...>;
    using tasks = std::tuple<task<await_result_t<Xs>>...>;

public:
    using value_type = race_result<variant, tasks>;

    template <class... Args>
    explicit race_mixed(scheduler& sched, const source_location& where, Args&&... xs) : race_base(where) {
        children_.fill([&] { (children_.add(sched, std::forward<Args>(xs), where), ...); });
        seal();
    }
    race_mixed(race_mixed&&) noexcept = default;

    value_type resume() { return collect(require_winner(), std::index_sequence_for<Xs...>()); }

private:
    template <std::size_t... I>
    value_type collect(std::size_t won, std::index_sequence<I...>) {
        std::optional<variant> value;
        tasks losers;
        (settle<I, Xs>(won, value, losers), ...);
        return value_type(won, std::move(*value), std::move(losers));
    }

    template <std::size_t I, class X>
    void settle(std::size_t won, std::optional<variant>& value, tasks& losers) {
        using result_type = await_result_t<X>;
        if (I != won) {
            std::get<I>(losers) = handle_of<task<result_type>>(children_[I]);
        } else if constexpr (std::is_void_v<result_type>) {
            value.emplace(std::in_place_index<I>);
        } else {
            value.emplace(std::in_place_index<I>, take_result<result_type>(*children_[I], !await_traits<X>::is_task));
        }
    }
};

template <class Range>
concept race_range_of = std::ranges::input_range<Range> && any_awaitable<std::ranges::range_value_t<Range>>;

template <class First, class... Rest>
inline constexpr bool same_results = (std::is_same_v<await_result_t<First>, await_result_t<Rest>> && ...);

template <class First, class... Rest>
auto race_at(source_location where, First&& first, Rest&&... rest) {
    scheduler& sched = scheduler::require("race");
    if constexpr (same_results<First, Rest...>) {
        using race_type = race_same<await_result_t<First>, std::remove_cvref_t<First>, std::remove_cvref_t<Rest>...>;
        return race_type(sched, where, std::forward<First>(first), std::forward<Rest>(rest)...);
    } else {
        using race_type = race_mixed<std::remove_cvref_t<First>, std::remove_cvref_t<Rest>...>;
        return race_type(sched, where, std::forward<First>(first), std::forward<Rest>(rest)...);
    }
}

}  // namespace detail

/// Runs all of `xs` (coroutines, tasks, operations) at the same time. The first that ends with a value or an error
/// wins; the others are cancelled and waited for, and then the winner's value is given (`race_result`) or its error is
/// thrown. One that ends cancelled is out of the race; when that happens to all, `cancelled_error` is thrown.
///
/// They start, as tasks, when `race` is called; of several that have ended before it is awaited the first argument wins.
/// Nothing is lost when several finish: a loser that ended with a value all the same has it in `losers`, and the error
/// of one that failed is reported unless it is read there. Use `shield(task)` for a task that is to survive its defeat.
/// No arguments: throws std::invalid_argument.
/// **Cancellation** cancels everybody who still runs. Without a winner so far, the first that ends with a value or an
/// error in spite of it wins, as for `join`; otherwise `cancelled_error` is thrown when all have ended. Behind a winner
/// the result is delivered first, and the cancel comes at the next suspension. JavaScript's `Promise.race`.
template <detail::any_awaitable First, detail::any_awaitable... Rest>
auto race(First&& first, Rest&&... rest) {
    return detail::race_at(source_location(), std::forward<First>(first), std::forward<Rest>(rest)...);
}
// The same for up to four: a parameter pack leaves no room for the caller's place, by which the wait and its tasks are
// shown.
template <detail::any_awaitable A>
auto race(A&& a, source_location where = source_location::current()) {
    return detail::race_at(where, std::forward<A>(a));
}
template <detail::any_awaitable A, detail::any_awaitable B>
auto race(A&& a, B&& b, source_location where = source_location::current()) {
    return detail::race_at(where, std::forward<A>(a), std::forward<B>(b));
}
template <detail::any_awaitable A, detail::any_awaitable B, detail::any_awaitable C>
auto race(A&& a, B&& b, C&& c, source_location where = source_location::current()) {
    return detail::race_at(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
}
template <detail::any_awaitable A, detail::any_awaitable B, detail::any_awaitable C, detail::any_awaitable D>
auto race(A&& a, B&& b, C&& c, D&& d, source_location where = source_location::current()) {
    return detail::race_at(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d));
}

/// The same for a range of awaitables of one type, `race(std::move(coroutines))`.
template <detail::race_range_of Range>
auto race(Range&& range, source_location where = source_location::current()) {
    using race_type = detail::race_range<std::ranges::range_value_t<Range>>;
    return race_type(detail::scheduler::require("race"), where, std::forward<Range>(range));
}

}  // namespace brio::inline v0
