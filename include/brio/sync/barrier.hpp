// SPDX-License-Identifier: BSL-1.0
// barrier: a meeting point for a fixed number of tasks, again and again.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/detail/asio_bridge.hpp>

#include <cstddef>
#include <cstdint>

namespace brio::inline v0 {

/// The barrier was reset or aborted; asyncio's `BrokenBarrierError`.
class BRIO_API broken_barrier_error : public error {
public:
    using error::error;
    ~broken_barrier_error() override;
};

/// Lets tasks go on together when `parties` of them have come; asyncio's `Barrier`. It belongs to the tasks of one loop
/// and must outlive their waits.
///
/// Those who were let go are leaving until they have run; meanwhile newcomers are held back at the door, in order of
/// arrival, and then enter the next round.
class BRIO_API barrier {
public:
    enum class phase : std::uint8_t {
        filling,    ///< Tasks come in and wait for the others.
        draining,   ///< A round is complete, its tasks are leaving.
        resetting,  ///< The tasks of a round that was reset are leaving.
        broken,     ///< Aborted: nobody waits until `reset()`.
    };

    /// Throws std::invalid_argument when `parties` is less than 1.
    explicit barrier(std::ptrdiff_t parties);
    barrier(const barrier&) = delete;
    barrier& operator=(const barrier&) = delete;

    class BRIO_API [[nodiscard("wait does nothing unless it is awaited: co_await it")]] wait_operation final
        : public detail::operation_base {
    public:
        using value_type = std::size_t;
        wait_operation(barrier& target, const source_location& where) noexcept : operation_base(where), barrier_(target) {}
        wait_operation(wait_operation&&) noexcept = default;

        bool ready();
        void suspend();
        std::size_t resume() const;
        bool resumable() noexcept override;
        detail::cancel_reply cancel() noexcept override;
        [[nodiscard]] const char* describe() const noexcept override { return "barrier.wait()"; }

    private:
        friend class barrier;
        enum class fate : std::uint8_t { at_the_door, inside, let_go, reset, aborted };

        barrier& barrier_;
        std::size_t index_ = 0;
        fate fate_ = fate::at_the_door;
    };

    /// Waits until `parties()` tasks wait, this one included; the last one does not suspend. Gives each of them another
    /// number, 0 to parties() - 1, in order of arrival. Throws broken_barrier_error when the barrier is reset meanwhile,
    /// or aborted. **Cancellation** while waiting, inside or at the door, leaves as if it had never come; a task that
    /// was let go has its number, and the cancel comes at the next suspension.
    wait_operation wait(const source_location& where = source_location::current()) noexcept { return {*this, where}; }

    /// Sends those inside away with broken_barrier_error and begins a new round; tasks at the door enter it. Those who
    /// were let go already are not affected. Repairs an aborted barrier.
    void reset() noexcept;
    /// Breaks the barrier: all who wait, inside and at the door, and all who come later get broken_barrier_error, until
    /// `reset()`.
    void abort() noexcept;

    [[nodiscard]] std::size_t parties() const noexcept { return parties_; }
    /// Tasks inside that wait for the others.
    [[nodiscard]] std::size_t n_waiting() const noexcept { return inside_count_; }
    [[nodiscard]] bool broken() const noexcept { return phase_ == phase::broken; }
    [[nodiscard]] phase state() const noexcept { return phase_; }

private:
    using fate = wait_operation::fate;

    void let_go() noexcept;
    void send_away(detail::intrusive_list<wait_operation>& who, fate why) noexcept;
    void wake(wait_operation& leaving, fate why) noexcept;
    void one_has_left() noexcept;

    std::size_t parties_;
    std::size_t inside_count_ = 0;
    std::size_t leaving_ = 0;  // woken and not run yet
    phase phase_ = phase::filling;
    detail::intrusive_list<wait_operation> inside_;
    detail::intrusive_list<wait_operation> door_;
};

}  // namespace brio::inline v0
