// SPDX-License-Identifier: BSL-1.0
// retry: try again what failed, after growing pauses.
#pragma once

#include <brio/compose/generator.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/sleep.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/wait_deadline.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

/// How often, after which pauses, and which errors. Without any setting: 3 attempts, pauses of 100 ms, 200 ms ... up to
/// 30 s, half of each left to chance, every error. Wrong values throw std::invalid_argument.
class BRIO_API retry_policy {
public:
    retry_policy();
    retry_policy(const retry_policy&);
    retry_policy(retry_policy&&) noexcept;
    retry_policy& operator=(const retry_policy&);
    retry_policy& operator=(retry_policy&&) noexcept;
    ~retry_policy();

    /// Calls in all, the first one included; 1 or more.
    retry_policy& attempts(int count);
    /// The pause after the first failure; 0 gives way for one turn.
    template <class Rep, class Period>
    retry_policy& delay(std::chrono::duration<Rep, Period> first) {
        return set_delay(detail::bounded(first));
    }
    /// Each pause is that many times as long as the one before; 1 or more.
    retry_policy& factor(double times);
    /// No pause is longer.
    template <class Rep, class Period>
    retry_policy& max_delay(std::chrono::duration<Rep, Period> most) {
        return set_max_delay(detail::bounded(most));
    }
    /// The share of each pause that is left to chance, so that many clients do not come back at the same moment: with
    /// 0.2 a pause is between 80 % and 100 % of its length, with 1 anything up to it.
    retry_policy& jitter(double share);
    /// Where chance comes from: uniform numbers in [0, 1). For tests.
    retry_policy& random(std::function<double()> source);
    /// Only errors for which `wanted(std::exception_ptr)` holds; it may also log them. Called after each failure but
    /// that of the last attempt. What it throws is thrown by `retry`.
    template <class F>
        requires std::is_invocable_r_v<bool, std::decay_t<F>&, const std::exception_ptr&>
    retry_policy& retry_if(F&& wanted) {
        detail::check_callable<F>();
        return set_filter(std::forward<F>(wanted));
    }
    /// Only errors of these types: `retry_on<brio::timeout_error, brio::http::connect_error>()`.
    template <class... Errors>
    retry_policy& retry_on() {
        return set_filter([](const std::exception_ptr& error) { return (is<Errors>(error) || ...); });
    }

    /// For brio itself: whether another attempt is due after `failures` of them.
    [[nodiscard]] bool wants_another(int failures, const std::exception_ptr& error) const;
    /// For brio itself: the pause before it.
    [[nodiscard]] std::chrono::nanoseconds pause(int failures) const;

private:
    retry_policy& set_delay(std::chrono::nanoseconds first);
    retry_policy& set_max_delay(std::chrono::nanoseconds most);
    retry_policy& set_filter(std::function<bool(const std::exception_ptr&)> wanted);

    template <class E>
    static bool is(const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const E&) {
            return true;
        } catch (...) {
            return false;
        }
    }

    int attempts_ = 3;
    double factor_ = 2;
    double jitter_ = 0.5;
    std::chrono::nanoseconds delay_{std::chrono::milliseconds(100)};
    std::chrono::nanoseconds max_delay_{std::chrono::seconds(30)};
    std::function<double()> random_;
    std::function<bool(const std::exception_ptr&)> wanted_;
};

namespace detail {

template <class F, class... Args>
concept repeatable = std::is_invocable_v<std::decay_t<F>&, const std::decay_t<Args>&...> &&
                     any_awaitable<std::invoke_result_t<std::decay_t<F>&, const std::decay_t<Args>&...>>;

template <class F, class... Args>
using repeated_result_t = await_result_t<std::invoke_result_t<F&, const Args&...>>;

template <class F, class... Args>
awaitable<repeated_result_t<F, Args...>> run_retry(retry_policy policy, F function, Args... args) {
    for (int failures = 1;; ++failures) {
        std::exception_ptr error;
        try {
            co_return co_await as_coroutine(std::invoke(function, std::as_const(args)...));
        } catch (const cancelled_error&) {
            throw;
        } catch (const generator_exit&) {  // an attempt may yield
            throw;
        } catch (...) {
            error = std::current_exception();
        }
        if (!policy.wants_another(failures, error)) std::rethrow_exception(error);
        error = nullptr;
        co_await sleep(policy.pause(failures));
    }
}

}  // namespace detail

/// Calls `function(args...)`, awaits what it returns, and gives its value. When it fails, the same again after a pause,
/// as the policy says; the error of the last attempt is thrown.
///
///     co_await brio::retry(brio::retry_policy().attempts(5).delay(100ms).max_delay(5s), fetch, url);
///
/// The function and its arguments are copied or moved in, and live as long as the attempts; each attempt gets the same
/// arguments, as constants. The attempts run in the awaiting task, one after the other. For a limit on each attempt let
/// the function use `wait_for`; for one on them all, put `wait_for` around `retry`.
/// **Cancellation** is never retried: it is thrown at once, by the attempt or by the pause. The same holds for
/// `generator_exit`, in the body of a generator.
template <class F, class... Args>
    requires detail::repeatable<F, Args...>
awaitable<detail::repeated_result_t<std::decay_t<F>, std::decay_t<Args>...>> retry(retry_policy policy, F&& function,
                                                                                  Args&&... args) {
    detail::check_callable<F>();
    return detail::run_retry<std::decay_t<F>, std::decay_t<Args>...>(std::move(policy), std::forward<F>(function),
                                                                    std::forward<Args>(args)...);
}

}  // namespace brio::inline v0
