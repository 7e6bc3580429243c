// SPDX-License-Identifier: BSL-1.0
// staggered_race: candidates that are started one after another, until one succeeds.
#pragma once

#include <brio/compose/race.hpp>
#include <brio/compose/wait.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/wait_deadline.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

namespace detail {

/// Starts candidate number `index`.
using candidate_starter = std::function<task_handle(std::size_t index)>;

/// Fills `started`, all done when it completes, and gives the index of the winner; throws when there is none.
BRIO_API awaitable<std::size_t> run_staggered(std::optional<duration> delay, std::size_t count, const candidate_starter& start,
                                              std::vector<task_handle>& started, source_location where);
[[noreturn]] BRIO_API void throw_no_candidates();

template <class T>
awaitable<race_result<no_void_t<T>, std::vector<task<T>>>> staggered(std::optional<duration> delay,
                                                                     std::vector<awaitable<T>> candidates,
                                                                     source_location where) {
    using outcome = race_result<no_void_t<T>, std::vector<task<T>>>;
    const candidate_starter start = [&candidates, where](std::size_t index) {
        return create_task(std::move(candidates[index]), std::string(), where);
    };
    std::vector<task_handle> started;
    const std::size_t won = co_await run_staggered(delay, candidates.size(), start, started, where);
    std::vector<task<T>> losers;
    losers.reserve(started.size());
    for (std::size_t i = 0; i < started.size(); ++i) {
        losers.push_back(i == won ? task<T>() : handle_of<task<T>>(started[i].untyped_state()));
    }
    if constexpr (std::is_void_v<T>) {
        co_return outcome(won, nothing(), std::move(losers));
    } else {
        co_return outcome(won, take_result<T>(*started[won].untyped_state(), true), std::move(losers));
    }
}

/// What has not begun: a coroutine, an operation, a coroutine function.
template <class X>
concept unstarted = (any_awaitable<X> && !await_traits<std::remove_cvref_t<X>>::is_task) || coroutine_function<X>;

template <class X>
auto as_candidate(X&& x) {
    if constexpr (any_awaitable<X>) {
        return as_coroutine(std::forward<X>(x));
    } else {
        check_callable<X>();
        return call_stored<std::decay_t<X>>(std::forward<X>(x));
    }
}
template <class X>
using candidate_result_t = await_result_t<decltype(as_candidate(std::declval<X>()))>;

/// The delay of a staggered race: a duration, or none.
class candidate_delay {
public:
    candidate_delay(std::nullopt_t) noexcept {}
    template <class Rep, class Period>
    candidate_delay(std::chrono::duration<Rep, Period> delay) : value_(bounded(delay)) {}
    [[nodiscard]] std::optional<duration> value() const noexcept { return value_; }

private:
    std::optional<duration> value_;
};

}  // namespace detail

/// Starts the candidates one after another: the next one when the latest has failed, or has not succeeded within
/// `delay` (`std::nullopt`: only when it has failed). The first that *succeeds* wins, and ends it: no more are started,
/// and those that run are cancelled and waited for. Gives a `race_result`, whose `losers` are those that were started.
/// With a delay of 0 all are started, and the first success wins (JavaScript's `Promise.any`).
///
/// Candidates are coroutines, operations or coroutine functions with one type of value, not tasks, which run already.
/// Those that are never started are destroyed. Nothing happens before the race is awaited. When none succeeds, an
/// `exception_group` of all their errors is thrown, in the order of the candidates, also when there is one only; those
/// that were cancelled have none, and when that holds for all, `cancelled_error` is thrown. Behind a winner the errors of
/// the others count as seen. No candidates: std::invalid_argument. A candidate that cannot even be started (the loop's
/// task factory throws) ends the race: those that run are cancelled, and its error is thrown when they have ended.
/// **Cancellation** starts no more, cancels those that run and is thrown when they have ended. If one of them succeeds
/// in spite of it, or one has won before, the result is delivered first and the cancel comes at the next suspension.
/// asyncio's `staggered_race`, which gives the errors in a list and throws nothing.
template <detail::unstarted First, detail::unstarted... Rest>
    requires(std::is_same_v<detail::candidate_result_t<First>, detail::candidate_result_t<Rest>> && ...)
auto staggered_race(detail::candidate_delay delay, First&& first, Rest&&... rest) {
    using value = detail::candidate_result_t<First>;
    std::vector<awaitable<value>> candidates;
    candidates.reserve(1 + sizeof...(Rest));
    candidates.push_back(detail::as_candidate(std::forward<First>(first)));
    (candidates.push_back(detail::as_candidate(std::forward<Rest>(rest))), ...);
    return detail::staggered<value>(delay.value(), std::move(candidates), source_location::current());
}

/// The same for a range of candidates.
template <std::ranges::input_range Range>
    requires detail::unstarted<std::ranges::range_value_t<Range>>
auto staggered_race(detail::candidate_delay delay, Range&& range, source_location where = source_location::current()) {
    using value = detail::candidate_result_t<std::ranges::range_value_t<Range>>;
    std::vector<awaitable<value>> candidates;
    detail::for_each_given(std::forward<Range>(range), [&candidates](auto&& x) {
        candidates.push_back(detail::as_candidate(std::forward<decltype(x)>(x)));
    });
    if (candidates.empty()) detail::throw_no_candidates();
    return detail::staggered<value>(delay.value(), std::move(candidates), where);
}

}  // namespace brio::inline v0
