// SPDX-License-Identifier: BSL-1.0
// promise<T>: the side of a future that sets it.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/future.hpp>
#include <brio/core/source_location.hpp>

#include <concepts>
#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

/// The future was never set: its promise went before.
class BRIO_API broken_promise_error : public error {
public:
    using error::error;
    ~broken_promise_error() override;
};

namespace detail {

[[noreturn]] BRIO_API void throw_already_done(const task_state& future);
[[noreturn]] BRIO_API void throw_no_promise();
BRIO_API void break_promise(task_state& future) noexcept;
/// Stores the error (cancelled_error: as a cancel) and ends the future.
BRIO_API void set_future_error(task_state& future, std::exception_ptr error);

}  // namespace detail

/// Makes a `future<T>` and sets it, once: the bridge from callbacks to coroutines. Belongs to the loop's thread; for
/// other threads there is `threadsafe_promise`. Movable. asyncio's `loop.create_future()`, where the future is set
/// by whoever has it; here only the promise can. When it goes without having been set, those who wait get
/// broken_promise_error. One that was moved from is empty: all of it throws invalid_state_error.
template <class T = void>
class promise {
public:
    /// Throws loop_error outside of a loop.
    explicit promise(source_location where = source_location::current())
        : state_(new detail::task_result<T>(detail::scheduler::require("promise"), where), detail::adopt) {
        state_->promise();
    }
    promise(promise&&) noexcept = default;
    promise& operator=(promise&& other) noexcept {
        promise gone(std::move(*this));
        state_ = std::move(other.state_);
        return *this;
    }
    ~promise() {
        if (state_ && !state_->done()) detail::break_promise(*state_);
    }

    [[nodiscard]] future<T> get_future() const {
        state();
        return future<T>(state_);
    }

    /// Set, or cancelled by somebody who waits.
    [[nodiscard]] bool done() const { return state().done(); }
    [[nodiscard]] bool cancelled() const { return state().was_cancelled(); }

    /// Ends the future with a value: whoever waits goes on in the next turn. Throws invalid_state_error when it is done
    /// already; `try_set_value` then gives false.
    template <class... U>
        requires(std::is_void_v<T> ? sizeof...(U) == 0 : sizeof...(U) == 1)
    void set_value(U&&... value) {
        if (!try_set_value(std::forward<U>(value)...)) detail::throw_already_done(*state_);
    }
    template <class... U>
        requires(std::is_void_v<T> ? sizeof...(U) == 0 : sizeof...(U) == 1)
    bool try_set_value(U&&... value) {
        if (done()) return false;
        state_->set_value(std::forward<U>(value)...);
        state_->settle();
        return true;
    }

    /// Ends the future with an error, given as `std::exception_ptr` or as the exception itself. A `cancelled_error`
    /// makes it cancelled. Throws invalid_state_error when it is done already; `try_set_exception` then gives false.
    template <class E>
    void set_exception(E error) {
        if (!try_set_exception(std::move(error))) detail::throw_already_done(*state_);
    }
    bool try_set_exception(std::exception_ptr error) {
        if (done()) return false;
        detail::set_future_error(*state_, std::move(error));
        return true;
    }
    template <class E>
        requires(!std::convertible_to<E, std::exception_ptr>)
    bool try_set_exception(E error) {
        return try_set_exception(std::make_exception_ptr(std::move(error)));
    }

    /// Ends the future as cancelled; false when it is done already.
    bool cancel(std::string_view message = {}) { return state().cancel(message); }

private:
    detail::task_result<T>& state() const {
        if (!state_) detail::throw_no_promise();
        return *state_;
    }

    detail::ref<detail::task_result<T>> state_;
};

}  // namespace brio::inline v0
