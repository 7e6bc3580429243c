// SPDX-License-Identifier: BSL-1.0
// threadsafe_promise<T>: a future of a loop that other threads set.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/future.hpp>
#include <brio/core/promise.hpp>
#include <brio/core/result.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/task_state.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

namespace detail {

/// What a promise in another thread shares with its future: whether it was set, and whether anybody still wants it.
class BRIO_API promise_link final : public completion {
public:
    promise_link(task_state& future, std::shared_ptr<mailbox> inbox) noexcept;

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    /// True for the first who asks.
    [[nodiscard]] bool claim() noexcept { return !claimed_.exchange(true, std::memory_order_acq_rel); }
    [[nodiscard]] bool cancelled() const noexcept { return stop_.stop_requested(); }
    [[nodiscard]] std::stop_token stop_token() const noexcept { return stop_.get_token(); }
    [[nodiscard]] mailbox& inbox() noexcept { return *inbox_; }

    void completed(task_state& future) noexcept override;
    void dropped() noexcept override { release(); }

private:
    ~promise_link() = default;

    std::atomic<std::uint32_t> refs_{1};
    std::atomic<bool> claimed_{false};
    std::shared_ptr<mailbox> inbox_;
    std::stop_source stop_;
};

/// Carries a result to the loop and sets the future there, unless it is done by then.
template <class T>
class settle_call final : public ready_node {
public:
    using stored = std::conditional_t<std::is_void_v<T>, nothing, T>;

    settle_call(ref<task_result<T>> state, std::optional<stored> value, std::exception_ptr error, bool is_broken) noexcept
        : state_(std::move(state)), value_(std::move(value)), error_(std::move(error)), is_broken_(is_broken) {}

    void run() noexcept override {
        const std::unique_ptr<settle_call> self(this);
        if (state_->done()) return;
        if (error_) {
            if (is_broken_) state_->mark_fetched();  // of interest only for those who wait
            set_future_error(*state_, std::move(error_));
            return;
        }
        if constexpr (std::is_void_v<T>) {
            state_->set_value();
        } else {
            state_->set_value(std::move(*value_));
        }
        state_->settle();
    }
    void drop() noexcept override {
        state_->forsake();
        delete this;
    }

private:
    ref<task_result<T>> state_;
    std::optional<stored> value_;
    std::exception_ptr error_;
    bool is_broken_;
};

[[noreturn]] BRIO_API void throw_set_twice();
/// What stands for a null exception.
[[nodiscard]] BRIO_API std::exception_ptr no_exception_given();

}  // namespace detail

/// A promise for another thread: made on the loop's thread, then moved there and set there, once. What is set reaches
/// the future in one of the loop's next turns; when the loop is closed by then, or the future cancelled, it is
/// dropped. When the promise goes without having been set, those who wait get broken_promise_error. `T` must be movable
/// without throwing. In tests it wants the real clock: a virtual one does not know that somebody is still at work. One
/// that was moved from is empty: all of it throws invalid_state_error.
/// asyncio's `wrap_future`, the other way round.
template <class T = void>
class threadsafe_promise {
    using stored = typename detail::settle_call<T>::stored;

public:
    /// Throws loop_error outside of a loop.
    explicit threadsafe_promise(source_location where = source_location::current())
        : state_(new detail::task_result<T>(detail::scheduler::require("threadsafe_promise"), where), detail::adopt),
          link_(new detail::promise_link(*state_, detail::scheduler::require("threadsafe_promise").inbox()), detail::adopt) {}
    threadsafe_promise(threadsafe_promise&&) noexcept = default;
    threadsafe_promise& operator=(threadsafe_promise&& other) noexcept {
        const threadsafe_promise gone(std::move(*this));
        state_ = std::move(other.state_);
        link_ = std::move(other.link_);
        return *this;
    }
    ~threadsafe_promise() {
        if (!link_) return;
        static_cast<void>(send(
            std::nullopt, std::make_exception_ptr(broken_promise_error("the promise was destroyed before it was set")), true));
    }

    /// For the loop's thread.
    [[nodiscard]] future<T> get_future() const {
        link();
        return future<T>(state_);
    }

    /// The future was cancelled: nobody wants the result.
    [[nodiscard]] bool cancelled() const { return link().cancelled(); }
    /// Is asked to stop when the future is cancelled.
    [[nodiscard]] std::stop_token stop_token() const { return link().stop_token(); }

    /// Sets the value, from any thread. Throws invalid_state_error when it was set before.
    template <class... U>
        requires(std::is_void_v<T> ? sizeof...(U) == 0 : sizeof...(U) == 1)
    void set_value(U&&... value) {
        if (!send(std::optional<stored>(std::in_place, std::forward<U>(value)...), nullptr)) detail::throw_set_twice();
    }
    /// Sets an error, given as `std::exception_ptr` or as the exception itself; a `cancelled_error` cancels the future.
    template <class E>
    void set_exception(E error) {
        bool sent = false;
        if constexpr (std::convertible_to<E, std::exception_ptr>) {
            sent = try_set_exception(std::move(error));
        } else {
            sent = try_set_exception(std::make_exception_ptr(std::move(error)));
        }
        if (!sent) detail::throw_set_twice();
    }
    bool try_set_exception(std::exception_ptr error) {
        return send(std::nullopt, error ? std::move(error) : detail::no_exception_given());
    }
    /// Cancels the future, from any thread; false when the promise was set before.
    bool cancel(std::string message = {}) {
        return try_set_exception(std::make_exception_ptr(cancelled_error(std::move(message))));
    }

private:
    detail::promise_link& link() const {
        if (!link_) detail::throw_no_promise();
        return *link_;
    }
    bool send(std::optional<stored> value, std::exception_ptr error, bool is_broken = false) {
        link();
        auto call = std::make_unique<detail::settle_call<T>>(state_, std::move(value), std::move(error), is_broken);
        if (!link_->claim()) return false;
        if (link_->inbox().put(*call)) {
            static_cast<void>(call.release());
        } else {
            state_->forsake();
        }
        return true;
    }

    detail::ref<detail::task_result<T>> state_;
    detail::ref<detail::promise_link> link_;
};

}  // namespace brio::inline v0
