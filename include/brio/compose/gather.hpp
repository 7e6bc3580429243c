// SPDX-License-Identifier: BSL-1.0
// gather: several awaitables at once, their results in the order of the arguments.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/result.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/gather.hpp>
#include <brio/detail/watch_list.hpp>

#include <array>
#include <cstddef>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// First argument of `gather`: hand out errors as `result<T>` in place of values.
struct return_exceptions_t {
    explicit return_exceptions_t() = default;
};
inline constexpr return_exceptions_t return_exceptions{};

namespace detail {

template <bool ReturnExceptions, class... Xs>
class [[nodiscard("gather has started its tasks, but nobody waits for them: co_await it")]] gather_tuple final
    : public gather_base {
    static constexpr bool all_void = (std::is_void_v<await_result_t<Xs>> && ...);
    using tuple_type = std::conditional_t<ReturnExceptions, std::tuple<result<await_result_t<Xs>>...>,
                                          std::tuple<no_void_t<await_result_t<Xs>>...>>;

public:
    using value_type = std::conditional_t<all_void && !ReturnExceptions, void, tuple_type>;

    gather_tuple([[maybe_unused]] scheduler& sched, [[maybe_unused]] source_location where, Xs... xs)
        : gather_base(sizeof...(Xs), ReturnExceptions, where) {
        fill([&] { (add(ensure_task(sched, std::move(xs), where), makes_task<Xs>), ...); });
    }
    gather_tuple(gather_tuple&&) noexcept = default;

    value_type resume() {
        throw_if_failed();
        if constexpr (!std::is_void_v<value_type>) return collect(std::index_sequence_for<Xs...>());
    }

private:
    template <std::size_t... I>
    value_type collect(std::index_sequence<I...>) {
        return value_type(take<ReturnExceptions, await_result_t<Xs>, !await_traits<Xs>::is_task>(I)...);
    }
};

template <bool ReturnExceptions, class X>
class [[nodiscard("gather has started its tasks, but nobody waits for them: co_await it")]] gather_vector final
    : public gather_base {
    using item = await_result_t<X>;
    using vector_type = std::vector<std::conditional_t<ReturnExceptions, result<item>, no_void_t<item>>>;

public:
    using value_type = std::conditional_t<std::is_void_v<item> && !ReturnExceptions, void, vector_type>;

    template <class Range>
    gather_vector(scheduler& sched, source_location where, Range&& range)
        : gather_base(std::ranges::size(range), ReturnExceptions, where) {
        fill([&] {
            for_each_given(std::forward<Range>(range),
                           [&](auto&& x) { add(ensure_task(sched, std::forward<decltype(x)>(x), where), makes_task<X>); });
        });
    }
    gather_vector(gather_vector&&) noexcept = default;

    value_type resume() {
        throw_if_failed();
        if constexpr (!std::is_void_v<value_type>) {
            value_type values;
            values.reserve(size());
            for (std::size_t i = 0; i < size(); ++i) {
                values.push_back(take<ReturnExceptions, item, !await_traits<X>::is_task>(i));
            }
            return values;
        }
    }
};

template <bool ReturnExceptions, class... Xs>
gather_tuple<ReturnExceptions, std::remove_cvref_t<Xs>...> gather_at(source_location where, Xs&&... xs) {
    return {scheduler::require("gather"), where, std::forward<Xs>(xs)...};
}

template <class Range>
concept awaitable_range = std::ranges::sized_range<Range> && any_awaitable<std::ranges::range_value_t<Range>>;

}  // namespace detail

/// Runs all of `xs` (coroutines, tasks, operations) at the same time and completes with a `std::tuple` of their
/// values in the order of the arguments; a `void` one gives `nothing`, and if all are `void` so is the result.
///
/// The children start, as tasks, when `gather` is called; the result is awaited. The first error (or cancelled
/// child) completes the gather at once with it; the other children keep running, and their errors count as seen.
/// **Cancellation** cancels every child that is not done; `cancelled_error` is thrown once all of them have ended.
/// When the result is there already, it is delivered first. asyncio's `gather`; differs in that a cancelled gather
/// always waits for all children.
template <detail::any_awaitable... Xs>
detail::gather_tuple<false, std::remove_cvref_t<Xs>...> gather(Xs&&... xs) {
    return detail::gather_at<false>(source_location(), std::forward<Xs>(xs)...);
}
// The same for up to four: a parameter pack leaves no room for the caller's place, by which the wait and its tasks are
// shown.
template <detail::any_awaitable A>
auto gather(A&& a, source_location where = source_location::current()) {
    return detail::gather_at<false>(where, std::forward<A>(a));
}
template <detail::any_awaitable A, detail::any_awaitable B>
auto gather(A&& a, B&& b, source_location where = source_location::current()) {
    return detail::gather_at<false>(where, std::forward<A>(a), std::forward<B>(b));
}
template <detail::any_awaitable A, detail::any_awaitable B, detail::any_awaitable C>
auto gather(A&& a, B&& b, C&& c, source_location where = source_location::current()) {
    return detail::gather_at<false>(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
}
template <detail::any_awaitable A, detail::any_awaitable B, detail::any_awaitable C, detail::any_awaitable D>
auto gather(A&& a, B&& b, C&& c, D&& d, source_location where = source_location::current()) {
    return detail::gather_at<false>(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d));
}

/// The same, but errors take their place in the tuple as `result<T>`: nothing but a cancel of the gather is thrown.
template <detail::any_awaitable... Xs>
detail::gather_tuple<true, std::remove_cvref_t<Xs>...> gather(return_exceptions_t, Xs&&... xs) {
    return detail::gather_at<true>(source_location(), std::forward<Xs>(xs)...);
}
template <detail::any_awaitable A>
auto gather(return_exceptions_t, A&& a, source_location where = source_location::current()) {
    return detail::gather_at<true>(where, std::forward<A>(a));
}
template <detail::any_awaitable A, detail::any_awaitable B>
auto gather(return_exceptions_t, A&& a, B&& b, source_location where = source_location::current()) {
    return detail::gather_at<true>(where, std::forward<A>(a), std::forward<B>(b));
}
template <detail::any_awaitable A, detail::any_awaitable B, detail::any_awaitable C>
auto gather(return_exceptions_t, A&& a, B&& b, C&& c, source_location where = source_location::current()) {
    return detail::gather_at<true>(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
}
template <detail::any_awaitable A, detail::any_awaitable B, detail::any_awaitable C, detail::any_awaitable D>
auto gather(return_exceptions_t, A&& a, B&& b, C&& c, D&& d, source_location where = source_location::current()) {
    return detail::gather_at<true>(where, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d));
}

/// The same for a range of awaitables of one type, `gather(std::move(coroutines))`, or a view that makes them: gives a
/// `std::vector`.
template <detail::awaitable_range Range>
auto gather(Range&& range, source_location where = source_location::current()) {
    using item = std::ranges::range_value_t<Range>;
    return detail::gather_vector<false, item>(detail::scheduler::require("gather"), where, std::forward<Range>(range));
}

template <detail::awaitable_range Range>
auto gather(return_exceptions_t, Range&& range, source_location where = source_location::current()) {
    using item = std::ranges::range_value_t<Range>;
    return detail::gather_vector<true, item>(detail::scheduler::require("gather"), where, std::forward<Range>(range));
}

}  // namespace brio::inline v0
