// SPDX-License-Identifier: BSL-1.0
// virtual_clock: time that stands still, and jumps to the next deadline when nothing else can move.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/deadline.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/timer_heap.hpp>

#include <chrono>

namespace brio::inline v0 {
class loop;
}

namespace brio::inline v0::testing {

class virtual_clock;

/// What `advance` gives.
class [[nodiscard("advance does nothing unless it is awaited: co_await it")]] BRIO_API advance_operation final
    : public detail::operation_base,
      public detail::timer_node {
public:
    using value_type = void;
    advance_operation(virtual_clock& clock, detail::duration delay, const source_location& where) noexcept;
    advance_operation(advance_operation&& other) noexcept
        : operation_base(std::move(other)), timer_node(), clock_(other.clock_), target_(other.target_) {}
    ~advance_operation();

    static bool ready() noexcept { return false; }
    void suspend();
    static void resume() noexcept {}
    void fire() noexcept override { reached(); }
    detail::cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "advance()"; }

    /// For the clock: the moment to reach, and that nothing moves any more up to then.
    [[nodiscard]] detail::time_point target() const noexcept { return target_; }
    void reached() noexcept;

private:
    void leave() noexcept;

    virtual_clock& clock_;
    detail::time_point target_;
};

/// A clock for a loop in tests. A day of sleeping takes no time, and the order of deadlines is exact. It jumps only
/// when no task is ready and no I/O, thread job or other work is outstanding on the loop's io_context.
class BRIO_API virtual_clock final : public detail::clock_source {
public:
    virtual_clock() noexcept = default;
    virtual_clock(const virtual_clock&) = delete;
    virtual_clock& operator=(const virtual_clock&) = delete;
    ~virtual_clock() override;

    /// `target` goes by this clock from now on, which must live as long as the loop. For programs that make their loop
    /// themselves: `run_options().handle_sigint(false).on_loop([&](brio::loop& made) { clock.attach(made); })` (a wait for
    /// Ctrl-C is I/O that is outstanding). BRIO_TEST has done it.
    void attach(loop& target) noexcept;

    [[nodiscard]] detail::time_point now() const noexcept override { return now_; }
    bool advance_to(detail::time_point deadline) noexcept override;
    /// How far it has come since it was made.
    [[nodiscard]] detail::duration elapsed() const noexcept { return now_ - start(); }

private:
    friend class advance_operation;
    static detail::time_point start() noexcept { return detail::time_point(std::chrono::hours(1)); }

    detail::time_point now_ = start();
    detail::intrusive_list<advance_operation> targets_;
};

/// The virtual clock of the running loop. Throws loop_error outside of a loop, and in a loop with the real clock.
[[nodiscard]] BRIO_API virtual_clock& current_clock();

/// Lets virtual time pass: completes when it is `delay` later and everything that is due up to and at that moment has
/// run, with all that follows from it; thread jobs that are under way have come back. `sleep(delay)` differs in that
/// others with the same deadline may come after it. 0 or less: what can run without time passing has run.
///
/// Throws loop_error in a loop with the real clock. **Cancellation** ends it at once; time stays where it has come to.
template <class Rep, class Period>
advance_operation advance(std::chrono::duration<Rep, Period> delay,
                          const source_location& where = source_location::current()) {
    virtual_clock& clock = current_clock();
    return {clock, detail::deadline_after(clock.now(), delay) - clock.now(), where};
}

}  // namespace brio::inline v0::testing
