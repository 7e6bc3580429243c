// SPDX-License-Identifier: BSL-1.0
// gather with a limit on how many run at the same time.
#pragma once

#include <brio/compose/gather.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/result.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/limited_children.hpp>

#include <concepts>
#include <cstddef>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// First argument of `gather`: run at most that many of them at the same time.
class BRIO_API limit {
public:
    /// Throws std::invalid_argument for less than 1.
    explicit limit(std::ptrdiff_t count);
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    std::size_t count_;
};

namespace detail {

template <bool ReturnExceptions, class T>
using gathered_t = std::conditional_t<std::is_void_v<T> && !ReturnExceptions, void,
                                      std::vector<std::conditional_t<ReturnExceptions, result<T>, no_void_t<T>>>>;

/// The outcomes of children that have all ended.
template <bool ReturnExceptions, class T>
gathered_t<ReturnExceptions, T> collect(const limited_children& children) {
    if constexpr (!std::is_void_v<T> || ReturnExceptions) {
        gathered_t<ReturnExceptions, T> values;
        values.reserve(children.size());
        for (std::size_t i = 0; i < children.size(); ++i) {
            auto& child = static_cast<task_result<T>&>(children[i]);
            if constexpr (ReturnExceptions) {
                if (std::exception_ptr error = limited_children::error_of(child)) {
                    values.emplace_back(std::move(error));
                    continue;
                }
            }
            if constexpr (std::is_void_v<T>) {
                values.emplace_back();
            } else {
                values.emplace_back(std::move(child.value()));
            }
        }
        return values;
    }
}

template <bool ReturnExceptions, class T, class Range>
awaitable<gathered_t<ReturnExceptions, T>> gather_limited(std::size_t at_once, Range range, source_location where) {
    scheduler& sched = scheduler::require("gather");
    limited_children children(ReturnExceptions);
    auto next = std::ranges::begin(range);
    const auto end = std::ranges::end(range);
    while (next != end) {
        if constexpr (std::ranges::view<Range>) {
            children.add(spawn(sched, as_coroutine(*next), where));
        } else {
            children.add(spawn(sched, as_coroutine(std::ranges::iter_move(next)), where));
        }
        co_await limited_children::room(children, at_once, where);  // before a lazy range is asked for more
        ++next;
    }
    co_await limited_children::room(children, 1, where);
    co_return collect<ReturnExceptions, T>(children);
}

template <class Range>
concept limitable_range = std::ranges::input_range<std::remove_reference_t<Range>> &&
                          any_awaitable<std::ranges::range_value_t<Range>> && std::constructible_from<std::remove_cvref_t<Range>, Range>;

template <bool ReturnExceptions, class Range>
auto start_limited(limit at_once, Range&& range, source_location where) {
    using item = std::ranges::range_value_t<Range>;
    static_assert(!await_traits<item>::is_task,
                  "a task runs already, whatever the limit: give gather(limit(n), ...) coroutines instead");
    return gather_limited<ReturnExceptions, await_result_t<item>, std::remove_cvref_t<Range>>(
        at_once.count(), std::forward<Range>(range), where);
}

}  // namespace detail

/// `gather(limit(8), std::move(coroutines))`: runs all of the range's coroutines (or operations), at most 8 at the same
/// time, and gives a `std::vector` of their values in the order of the range (nothing for `void`).
///
/// The next one starts, as a task, when another has ended, so the range may well be a lazy one that makes each coroutine
/// when it is asked for it; it is moved (or copied) into the gather. Nothing happens before the gather is awaited.
/// The first error (or cancelled child) is thrown at once: those that run go on, and those that have not begun never
/// begin. **Cancellation** cancels those that run, and is thrown once they have ended. asyncio's idiom of a semaphore
/// around each coroutine, without a task for each one that waits.
template <detail::limitable_range Range>
auto gather(limit at_once, Range&& range, source_location where = source_location::current()) {
    return detail::start_limited<false>(at_once, std::forward<Range>(range), where);
}

/// The same with errors in the place of values: all of them run, whatever becomes of the others.
template <detail::limitable_range Range>
auto gather(return_exceptions_t, limit at_once, Range&& range, source_location where = source_location::current()) {
    return detail::start_limited<true>(at_once, std::forward<Range>(range), where);
}

}  // namespace brio::inline v0
