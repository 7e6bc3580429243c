// SPDX-License-Identifier: BSL-1.0
// Signals of the operating system, as callbacks, tasks and waits of a loop.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/signal_action.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace brio::inline v0 {

namespace detail {

class signal_service;

/// Listens to a set of signals, for one task at a time or several.
class BRIO_API signal_watch : public list_hook {
public:
    signal_watch() noexcept = default;
    signal_watch(signal_watch&&) noexcept : list_hook() {}  // only before it is open
    signal_watch& operator=(const signal_watch&) = delete;
    ~signal_watch() { close(); }

    /// On the running loop. Throws std::system_error when the system refuses, loop_error when there is no loop.
    void open(std::uint64_t mask);
    /// Idempotent; no effect after the end of the loop.
    void close() noexcept;
    /// Looks for signals that have come and that the loop has not seen yet.
    void collect() noexcept;

    [[nodiscard]] bool has_signal() const noexcept { return arrived_ != 0; }
    /// The lowest signal that has come and was not taken.
    [[nodiscard]] int take() noexcept;

    intrusive_list<waiter> waiters;

private:
    friend class signal_service;
    signal_service* service_ = nullptr;  // null: not open
    std::uint64_t mask_ = 0;
    std::uint64_t arrived_ = 0;
};

class BRIO_API [[nodiscard("wait_signal does nothing unless it is awaited: co_await it")]] wait_signal_operation final
    : public operation_base {
public:
    using value_type = int;

    wait_signal_operation(std::uint64_t mask, const source_location& where) noexcept : operation_base(where), mask_(mask) {}
    wait_signal_operation(wait_signal_operation&&) noexcept = default;

    static bool ready() noexcept { return false; }
    void suspend();
    int resume() noexcept;
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "wait_signal"; }

private:
    std::uint64_t mask_;
    signal_watch watch_;
};

BRIO_API void set_signal_action(int number, ref<signal_action> action);

}  // namespace detail

/// From now on `function(args...)` is called each time that the process gets the signal: in one of the next turns of the
/// running loop, as any callback, in the context in use now. A coroutine function becomes a task each time, of which the
/// loop's end is the end, as of all tasks. Function and arguments are copied or moved in, and used again and again.
/// Signals that come while one waits to be handled count as one. Replaces the handler that this loop has for the signal.
///
/// Several loops, in any threads, may each have a handler, and tasks that wait: all are told. What the program did with
/// the signal before (`sigaction`, Ctrl-C in `brio::run`) is suspended meanwhile and put back when the last one has gone.
/// What a handler throws goes to the loop's exception handler.
///
/// Throws std::invalid_argument for what is no signal, or none that a loop could handle (SIGKILL, SIGSTOP, the reports of
/// faults: SIGSEGV, SIGBUS, SIGFPE, SIGILL); std::system_error, loop_error; nothing is installed then.
/// asyncio's `loop.add_signal_handler`; differs in that it takes coroutine functions and works in any thread.
template <class F, class... Args>
    requires detail::signal_function<F, Args...>
void add_signal_handler(detail::signal_number number, F&& function, Args&&... args) {
    using detail::ref;
    ref<detail::signal_action> action;
    if constexpr (detail::coroutine_function<F, Args...>) {
        using type = detail::signal_task<std::decay_t<F>, std::decay_t<Args>...>;
        const auto make = &detail::call_stored<std::decay_t<F>, std::decay_t<Args>...>;
        action = ref<detail::signal_action>(new type(number, make, std::forward<F>(function), std::forward<Args>(args)...), detail::adopt);
    } else {
        using type = detail::signal_callback<std::decay_t<F>, std::decay_t<Args>...>;
        action = ref<detail::signal_action>(new type(number, std::forward<F>(function), std::forward<Args>(args)...), detail::adopt);
    }
    detail::set_signal_action(number.value(), std::move(action));
}

/// Takes the running loop's handler away; says whether there was one. A signal that has come and was not handled yet is
/// dropped. The end of the loop does the same. asyncio's `loop.remove_signal_handler`.
BRIO_API bool remove_signal_handler(detail::signal_number number);

/// Waits until the process gets one of the signals, and gives its number: `co_await wait_signal(SIGTERM, SIGINT)`. They
/// are handled by the loop for the time of the wait, no longer: who waits again and again wants a `signal_listener`.
/// **Cancellation** ends the wait; a signal that has come by then is delivered first. Throws as `add_signal_handler`.
template <std::convertible_to<int>... More>
detail::wait_signal_operation wait_signal(detail::signal_number first, More... more) {
    return {(first.bit() | ... | detail::signal_number(more, first.where()).bit()), first.where()};
}

/// Listens to signals for its life, from its construction on, which throws as `add_signal_handler`: none that comes
/// between two waits is lost. For the loop's thread; it must outlive its waits.
///
///     signal_listener signals(SIGHUP, SIGTERM);
///     while (co_await signals.next() == SIGHUP) reload();
class BRIO_API signal_listener {
public:
    template <std::convertible_to<int>... More>
    explicit signal_listener(detail::signal_number first, More... more) {
        watch_->open((first.bit() | ... | detail::signal_number(more, first.where()).bit()));
    }

    class BRIO_API [[nodiscard("next does nothing unless it is awaited: co_await it")]] next_operation final
        : public detail::operation_base {
    public:
        using value_type = int;
        next_operation(detail::signal_watch& watch, const source_location& where) noexcept
            : operation_base(where), watch_(watch) {}
        next_operation(next_operation&&) noexcept = default;

        bool ready() noexcept { return watch_.has_signal(); }
        void suspend() { detail::enlist(watch_.waiters, *this); }
        int resume() noexcept { return watch_.take(); }
        bool resumable() noexcept override;
        detail::cancel_reply cancel() noexcept override;
        detail::cancel_reply cancel_woken() noexcept override;
        [[nodiscard]] const char* describe() const noexcept override { return "signal_listener.next()"; }

    private:
        detail::signal_watch& watch_;
    };

    /// Waits for a signal that has not been given yet and gives its number; the same signal several times in between is
    /// one, of different ones the lowest number comes first. **Cancellation** takes none away.
    next_operation next(const source_location& where = source_location::current()) noexcept { return {*watch_, where}; }

private:
    std::unique_ptr<detail::signal_watch> watch_ = std::make_unique<detail::signal_watch>();
};

/// `SIGTERM` for 15, `SIGRTMIN+2`, `signal 99`: for messages.
[[nodiscard]] BRIO_API std::string signal_name(int number);

}  // namespace brio::inline v0
