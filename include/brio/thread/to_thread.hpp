// SPDX-License-Identifier: BSL-1.0
// to_thread: run a blocking function on the loop's thread pool.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/result.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/thread_call.hpp>
#include <brio/thread/thread_pool.hpp>

#include <functional>
#include <optional>
#include <stop_token>
#include <tuple>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

namespace detail {

template <class R, class F, class... Args>
class thread_call_of final : public thread_call_result<R> {
public:
    template <class G, class... As>
    explicit thread_call_of(std::in_place_t, G&& function, As&&... args)
        : work_(std::in_place, std::forward<G>(function), std::tuple<Args...>(std::forward<As>(args)...)) {}

private:
    void call() noexcept override {
        try {
            if constexpr (std::is_void_v<R>) {
                std::apply(std::move(work_->first), std::move(work_->second));
            } else {
                this->value_.emplace(std::apply(std::move(work_->first), std::move(work_->second)));
            }
        } catch (...) {
            this->error_ = std::current_exception();
        }
        work_.reset();  // the function's captures end in the thread that ran it
    }

    std::optional<std::pair<F, std::tuple<Args...>>> work_;
};

/// A function that can be called in a thread: with the arguments, or with a stop token before them.
template <class F, class... Args>
concept thread_function = std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...> ||
                          std::is_invocable_v<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>;

/// On `pool`, or on the loop's default pool when that is null.
template <class F, class... Args>
auto make_thread_operation(thread_pool* pool, const source_location& where, F&& function, Args&&... args) {
    check_callable<F>();
    if constexpr (std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>) {
        using R = std::remove_cvref_t<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>>;
        using call = thread_call_of<R, std::decay_t<F>, std::decay_t<Args>...>;
        return thread_operation<R>(
            pool, ref<thread_call_result<R>>(new call(std::in_place, std::forward<F>(function), std::forward<Args>(args)...), adopt),
            "to_thread", where);
    } else {
        using R = std::remove_cvref_t<std::invoke_result_t<std::decay_t<F>, std::stop_token, std::decay_t<Args>...>>;
        using call = thread_call_of<R, std::decay_t<F>, std::stop_token, std::decay_t<Args>...>;
        std::stop_source source;
        ref<call> made(new call(std::in_place, std::forward<F>(function), source.get_token(), std::forward<Args>(args)...), adopt);
        made->stop_with(std::move(source));
        return thread_operation<R>(pool, ref<thread_call_result<R>>(std::move(made)), "to_thread", where);
    }
}

}  // namespace detail

/// Runs `function(args...)` on a thread of the loop's pool and gives its value or throws its exception. Function and
/// arguments are copied or moved in; references need `std::ref` and must outlive the call. The loop goes on meanwhile.
/// A function that takes a `std::stop_token` before `args` gets one. It begins when the operation is awaited, in a copy
/// of the task's context.
/// **Cancellation** releases the waiting task at once and requests a stop by that token; the function, whether it runs
/// or has yet to begin, runs to its end and its result is dropped. A result that has come back to the loop is delivered
/// first. Throws loop_error when the pool was shut down. asyncio's `to_thread`.
template <class F, class... Args>
    requires detail::thread_function<F, Args...>
auto to_thread(F&& function, Args&&... args) {
    return detail::make_thread_operation(nullptr, source_location(), std::forward<F>(function), std::forward<Args>(args)...);
}
// The same for up to three arguments: a parameter pack leaves no room for the caller's place, by which the wait is shown.
template <class F>
    requires detail::thread_function<F>
auto to_thread(F&& function, source_location where = source_location::current()) {
    return detail::make_thread_operation(nullptr, where, std::forward<F>(function));
}
template <class F, class A>
    requires detail::thread_function<F, A>
auto to_thread(F&& function, A&& a, source_location where = source_location::current()) {
    return detail::make_thread_operation(nullptr, where, std::forward<F>(function), std::forward<A>(a));
}
template <class F, class A, class B>
    requires detail::thread_function<F, A, B>
auto to_thread(F&& function, A&& a, B&& b, source_location where = source_location::current()) {
    return detail::make_thread_operation(nullptr, where, std::forward<F>(function), std::forward<A>(a), std::forward<B>(b));
}
template <class F, class A, class B, class C>
    requires detail::thread_function<F, A, B, C>
auto to_thread(F&& function, A&& a, B&& b, C&& c, source_location where = source_location::current()) {
    return detail::make_thread_operation(nullptr, where, std::forward<F>(function), std::forward<A>(a), std::forward<B>(b),
                                         std::forward<C>(c));
}

}  // namespace brio::inline v0
