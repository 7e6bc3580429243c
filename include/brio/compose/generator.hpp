// SPDX-License-Identifier: BSL-1.0
// generator<T>: a coroutine that gives items one by one, on demand.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/generator_core.hpp>

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

/// Thrown at a `yield` when the generator is closed; asyncio's `GeneratorExit`.
///
/// It does **not** derive from `std::exception`, so that a handler of ordinary errors cannot swallow it. Catch it by
/// name to clean up, then let it go on (`throw;`) or return. Yielding again is an error.
class BRIO_API generator_exit final {
public:
    generator_exit() = default;
    generator_exit(const generator_exit&) = default;
    generator_exit& operator=(const generator_exit&) = default;
    ~generator_exit();
};

template <class T>
class generator;

namespace detail {

[[noreturn]] BRIO_API void throw_no_generator();

template <class T>
class [[nodiscard("yield does nothing unless it is awaited: co_await it")]] yield_operation final
    : public transfer_base {
public:
    using value_type = void;
    yield_operation(generator_core& core, T item, const source_location& where)
        : transfer_base(where), core_(core), item_(std::move(item)) {}
    yield_operation(yield_operation&&) noexcept = default;

    static bool ready() noexcept { return false; }
    template <class U>
    void transfer(std::coroutine_handle<boost::asio::detail::awaitable_frame<U, bridge::executor>> body) {
        core_.leave(body.promise(), &item_);
    }
    void resume() const {
        if (core_.is_closing()) throw generator_exit();
    }
    [[nodiscard]] const char* describe() const noexcept override { return "yield"; }

private:
    generator_core& core_;
    T item_;
};

template <class T>
class [[nodiscard("next does nothing unless it is awaited: co_await it")]] next_operation final : public generator_wait {
public:
    using value_type = std::optional<T>;
    next_operation(ref<generator_core> core, const source_location& where) noexcept
        : generator_wait(std::move(core), where) {}
    next_operation(next_operation&&) noexcept = default;

    bool ready() const { return core_->is_at_end("generator.next()"); }
    std::optional<T> resume() {
        if (void* const item = core_->take_item()) return std::optional<T>(std::move(*static_cast<T*>(item)));
        core_->settle();
        return std::nullopt;
    }
    [[nodiscard]] const char* describe() const noexcept override { return "generator.next()"; }
};

}  // namespace detail

/// What a generator's body gives its items with: `co_await yield(x)`. Made by `make_generator`; copies are the same.
template <class T>
class yielder {
public:
    /// Hands `item` to the consumer and stops the body there until the next item is asked for; a body that nobody
    /// asks again stays there, until it is closed: then `generator_exit` is thrown here. Works in the body and in
    /// coroutines that the body awaits directly; elsewhere it throws invalid_state_error. **Cancellation** never meets
    /// a `yield`: it is the consumer that runs then.
    detail::yield_operation<T> operator()(T item, const source_location& where = source_location::current()) const {
        return {*core_, std::move(item), where};
    }

    /// For brio itself.
    explicit yielder(detail::ref<detail::generator_core> core) noexcept : core_(std::move(core)) {}

private:
    detail::ref<detail::generator_core> core_;
};

/// A sequence of items that a coroutine makes one by one, when it is asked; Python's asynchronous generator. Made by
/// `make_generator`. Movable; it belongs to the loop in which it is first awaited.
///
///     brio::awaitable<> numbers(brio::yielder<int> yield, int count) {
///         for (int i = 0; i < count; ++i) co_await yield(i);
///     }
///     ...
///     auto g = brio::make_generator<int>(numbers, 10);
///     while (auto number = co_await g.next()) std::cout << *number;
///
/// The body runs only while somebody awaits `next()` or `close()`, as a part of that task: `current_task()`, a cancel,
/// a deadline are its consumer's, as in asyncio. Nothing is copied, queued or allocated per item.
///
/// A generator that is dropped half-way is closed by a task of the loop's, so its clean-up may await; at the end of
/// `run` those that are left are closed, also those still held. What such a body throws goes to the loop's exception
/// handler. Its body then outlives the scope that dropped it: where it refers to that scope, `co_await close()` first.
/// The clean-up begins whatever happens: a cancel of that task, whoever found it in `all_tasks()`, is thrown where it waits.
template <class T>
class generator {
    static_assert(std::is_object_v<T> && std::is_move_constructible_v<T>, "a generator's items are movable objects");

public:
    using value_type = T;

    generator() noexcept = default;
    generator(generator&&) noexcept = default;
    generator& operator=(generator other) noexcept {
        std::swap(core_, other.core_);
        return *this;
    }
    ~generator() {
        if (core_) core_->dropped();
    }

    /// Runs the body to its next `yield` and gives that item; none when the body has ended, now or before. Throws,
    /// once, what the body threw. Does not suspend the task unless the body does.
    /// **Cancellation** is thrown inside the body, where that waits; a body that catches it and yields is not lost,
    /// one that lets it go has ended. Throws invalid_state_error while somebody else waits for the same generator
    /// (also when the body itself asks), loop_error outside of a brio task or in another loop. Python's `anext`.
    detail::next_operation<T> next(const source_location& where = source_location::current()) const {
        return {core(), where};
    }

    /// Ends the generator: `generator_exit` is thrown at the `yield` where the body stopped, and the body cleans up, for
    /// which it may await. Completes when the body has ended; throws what it threw other than generator_exit. A body
    /// that has not begun never begins; one that has ended, or is closed, is left alone. Throws invalid_state_error
    /// when the body yields again (it is destroyed there), and while somebody waits for it.
    /// **Cancellation** is thrown inside the body, where its clean-up waits. Python's `aclose`.
    detail::close_generator close(const source_location& where = source_location::current()) const {
        return {core(), where};
    }

    /// For brio itself.
    explicit generator(detail::ref<detail::generator_core> core) noexcept : core_(std::move(core)) {}

private:
    [[nodiscard]] const detail::ref<detail::generator_core>& core() const {
        if (!core_) detail::throw_no_generator();
        return core_;
    }

    detail::ref<detail::generator_core> core_;
};

namespace detail {

/// Keeps the callable and its arguments alive while the body runs, and says how it ended.
template <class T, class F, class... Args>
awaitable<> generator_body(generator_core& core, yielder<T> yield, F body, Args... args) {
    std::exception_ptr error;
    try {
        co_await std::invoke(body, std::move(yield), std::move(args)...);
    } catch (const generator_exit&) {
        if (!core.is_closing()) error = std::current_exception();
    } catch (...) {
        error = std::current_exception();
    }
    core.ended(std::move(error));
}

}  // namespace detail

/// A generator out of `body`, a coroutine function `awaitable<> body(yielder<T> yield, args...)`. It and the arguments
/// are copied or moved in and live until the generator has ended; `std::ref` passes a reference. Nothing runs before
/// the first `next()`.
template <class T, class F, class... Args>
    requires detail::coroutine_function<F, yielder<T>, Args...>
[[nodiscard]] generator<T> make_generator(F&& body, Args&&... args) {
    static_assert(std::is_void_v<detail::coroutine_result_t<F, yielder<T>, Args...>>,
                  "the body of a generator returns awaitable<>: its values are what it yields");
    detail::check_callable<F>();
    detail::ref<detail::generator_core> core(new detail::generator_core, detail::adopt);
    core->set_body(detail::generator_body<T, std::decay_t<F>, std::decay_t<Args>...>(
        *core, yielder<T>(core), std::forward<F>(body), std::forward<Args>(args)...));
    return generator<T>(std::move(core));
}

}  // namespace brio::inline v0
