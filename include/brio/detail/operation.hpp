// SPDX-License-Identifier: BSL-1.0
// What a brio operation is: an object that a brio coroutine can await without a coroutine frame of its own.
#pragma once

#include <brio/detail/waiter.hpp>

#include <concepts>
#include <type_traits>

namespace brio::inline v0::detail {

/// Base of every operation. A derived class has
///   `using value_type = T;`
///   `bool ready()`    tries to finish at once; may throw. True: `resume()` follows, nothing is suspended or queued.
///   `void suspend()`  the task is parked: enlist this waiter where it will be woken.
///   `T resume()`      gives the result or throws; not called after a cancel.
/// Its verb takes `source_location where = source_location::current()` last and hands it to the base. One that was made
/// with a place, even an unknown one, and that is neither moved nor awaited, is reported in debug mode.
class operation_base : public waiter {
public:
    operation_base() noexcept = default;
    explicit operation_base(const source_location& where) noexcept : waiter(where) {}
    operation_base(operation_base&&) noexcept = default;

protected:
    [[gnu::always_inline]] ~operation_base() = default;
};

template <class Op>
concept operation = std::derived_from<std::remove_cvref_t<Op>, operation_base> && requires(Op& op) {
    typename std::remove_cvref_t<Op>::value_type;
    { op.ready() } -> std::same_as<bool>;
    { op.suspend() } -> std::same_as<void>;
    { op.resume() } -> std::same_as<typename std::remove_cvref_t<Op>::value_type>;
};

}  // namespace brio::inline v0::detail
