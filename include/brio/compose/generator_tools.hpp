// SPDX-License-Identifier: BSL-1.0
// collect, for_each, transform, filter, enumerate: what one does with generators.
#pragma once

#include <brio/compose/generator.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

namespace detail {

/// Awaits `work` and closes `source`, however that ended.
template <class T>
awaitable<> then_close(generator<T>& source, awaitable<> work) {
    std::exception_ptr error;
    try {
        co_await std::move(work);
    } catch (...) {
        error = std::current_exception();
    }
    co_await source.close();
    if (error) std::rethrow_exception(error);
}

template <class F, class Arg>
struct call_result {
    using type = std::invoke_result_t<F&, Arg>;
};
template <class F, class Arg>
    requires any_awaitable<std::invoke_result_t<F&, Arg>>
struct call_result<F, Arg> {
    using type = await_result_t<std::invoke_result_t<F&, Arg>>;
};

/// What `f(arg)` gives in the end: it may be a coroutine function.
template <class F, class Arg>
using call_result_t = std::remove_cvref_t<typename call_result<F, Arg>::type>;

template <class F, class Arg>
concept awaits = any_awaitable<std::invoke_result_t<F&, Arg>>;

template <class T>
awaitable<> collect_items(generator<T>& source, std::vector<T>& items) {
    while (std::optional<T> item = co_await source.next()) items.push_back(std::move(*item));
}

template <class T, class F>
awaitable<> call_for_items(generator<T>& source, F& function) {
    while (std::optional<T> item = co_await source.next()) {
        if constexpr (awaits<F, T>) {
            co_await std::invoke(function, std::move(*item));
        } else {
            std::invoke(function, std::move(*item));
        }
    }
}

template <class U, class T, class F>
awaitable<> transform_items(const yielder<U>& yield, generator<T>& source, F& function) {
    while (std::optional<T> item = co_await source.next()) {
        if constexpr (awaits<F, T>) {
            U made = co_await std::invoke(function, std::move(*item));
            co_await yield(std::move(made));
        } else {
            U made = std::invoke(function, std::move(*item));
            co_await yield(std::move(made));
        }
    }
}

template <class T, class F>
awaitable<> filter_items(const yielder<T>& yield, generator<T>& source, F& predicate) {
    while (std::optional<T> item = co_await source.next()) {
        bool wanted = false;
        if constexpr (awaits<F, const T&>) {
            wanted = co_await std::invoke(predicate, std::as_const(*item));
        } else {
            wanted = std::invoke(predicate, std::as_const(*item));
        }
        if (wanted) co_await yield(std::move(*item));
    }
}

template <class T>
awaitable<> enumerate_items(const yielder<std::pair<std::size_t, T>>& yield, generator<T>& source, std::size_t index) {
    while (std::optional<T> item = co_await source.next()) {
        std::pair<std::size_t, T> numbered(index++, std::move(*item));
        co_await yield(std::move(numbered));
    }
}

template <class U, class T, class F>
awaitable<> transform_body(yielder<U> yield, generator<T> source, F function) {
    co_await then_close(source, transform_items<U>(yield, source, function));
}

template <class T, class F>
awaitable<> filter_body(yielder<T> yield, generator<T> source, F predicate) {
    co_await then_close(source, filter_items(yield, source, predicate));
}

template <class T>
awaitable<> enumerate_body(yielder<std::pair<std::size_t, T>> yield, generator<T> source, std::size_t start) {
    co_await then_close(source, enumerate_items(yield, source, start));
}

template <class T, class F>
awaitable<> for_each_body(generator<T> source, F function) {
    co_await then_close(source, call_for_items(source, function));
}

}  // namespace detail

// All of these take the generator over. They close it when they end, however that is: by its end, an error, a cancel;
// and, those that are generators themselves, when they are closed. **Cancellation** is thrown where `source` or the
// function waits. Functions may be coroutine functions; they are called one at a time. What they throw comes out.

/// All items of `source`. Python's `[x async for x in source]`.
template <class T>
awaitable<std::vector<T>> collect(generator<T> source) {
    std::vector<T> items;
    co_await detail::then_close(source, detail::collect_items(source, items));
    co_return items;
}

/// Calls `function(item)` for each item of `source`; Python's `async for`.
template <class T, class F>
    requires std::invocable<std::decay_t<F>&, T>
awaitable<> for_each(generator<T> source, F&& function) {
    detail::check_callable<F>();
    return detail::for_each_body<T, std::decay_t<F>>(std::move(source), std::forward<F>(function));
}

/// A generator of `function(item)`. Python's `(f(x) async for x in source)`.
template <class T, class F>
    requires std::invocable<std::decay_t<F>&, T>
[[nodiscard]] auto transform(generator<T> source, F&& function) {
    using made = detail::call_result_t<std::decay_t<F>, T>;
    static_assert(std::is_object_v<made>,
                  "the function given to transform returns the new item: for_each takes one that does not");
    detail::check_callable<F>();
    return make_generator<made>(&detail::transform_body<made, T, std::decay_t<F>>, std::move(source),
                                std::forward<F>(function));
}

/// A generator of the items for which `predicate(const item&)` is true. Python's `(x async for x in source if p(x))`.
template <class T, class F>
    requires std::predicate<std::decay_t<F>&, const T&> || detail::awaits<std::decay_t<F>, const T&>
[[nodiscard]] generator<T> filter(generator<T> source, F&& predicate) {
    detail::check_callable<F>();
    return make_generator<T>(&detail::filter_body<T, std::decay_t<F>>, std::move(source), std::forward<F>(predicate));
}

/// A generator of pairs: the number of the item, from `start` on, and the item.
template <class T>
[[nodiscard]] generator<std::pair<std::size_t, T>> enumerate(generator<T> source, std::size_t start = 0) {
    return make_generator<std::pair<std::size_t, T>>(&detail::enumerate_body<T>, std::move(source), start);
}

}  // namespace brio::inline v0
