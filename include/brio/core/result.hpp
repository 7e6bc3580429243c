// SPDX-License-Identifier: BSL-1.0
// result<T>: the outcome of one awaitable, kept instead of thrown.
#pragma once

#include <exception>
#include <utility>
#include <variant>

namespace brio::inline v0 {

/// Stands for "no value" where a type is needed: `gather(sleep(1s), number())` gives `tuple<nothing, int>`.
struct nothing {
    friend constexpr bool operator==(nothing, nothing) noexcept { return true; }
};

/// A value or the exception that came instead; what `gather(return_exceptions, ...)` hands out.
///
/// A cancelled child shows up as a `cancelled_error` in `exception()`.
template <class T>
class [[nodiscard]] result {
public:
    using value_type = T;

    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(std::exception_ptr error) noexcept : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws the stored exception when there is none.
    T& value() & { check(); return std::get<0>(state_); }
    const T& value() const& { check(); return std::get<0>(state_); }
    T&& value() && { check(); return std::get<0>(std::move(state_)); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// The exception, null when there is a value.
    [[nodiscard]] std::exception_ptr exception() const noexcept {
        return has_value() ? nullptr : std::get<1>(state_);
    }

private:
    void check() const {
        if (!has_value()) std::rethrow_exception(std::get<1>(state_));
    }

    std::variant<T, std::exception_ptr> state_;
};

/// The outcome of something without a value: done, or the exception that came instead.
template <>
class [[nodiscard]] result<void> {
public:
    using value_type = void;

    result() noexcept = default;
    result(std::exception_ptr error) noexcept : error_(std::move(error)) {}

    [[nodiscard]] bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return has_value(); }
    void value() const {
        if (error_) std::rethrow_exception(error_);
    }
    [[nodiscard]] std::exception_ptr exception() const noexcept { return error_; }

private:
    std::exception_ptr error_;
};

}  // namespace brio::inline v0
