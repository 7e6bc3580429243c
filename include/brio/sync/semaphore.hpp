// SPDX-License-Identifier: BSL-1.0
// semaphore: at most so many tasks at the same time, first come first served.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/guard.hpp>

#include <cstddef>
#include <limits>
#include <optional>

namespace brio::inline v0 {

/// A counter of free permits for tasks of one loop; asyncio's `Semaphore`. `acquire()` takes one and waits while there is
/// none, `release()` gives one back; it must outlive the waits and the guards.
///
/// Strictly FIFO: a newcomer never overtakes a task that waits or that was given its permit and has not run yet.
class BRIO_API semaphore {
public:
    /// Throws std::invalid_argument when `value` is negative.
    explicit semaphore(std::ptrdiff_t value = 1) : semaphore(value, std::numeric_limits<std::ptrdiff_t>::max()) {}
    semaphore(const semaphore&) = delete;
    semaphore& operator=(const semaphore&) = delete;

    /// Holds one permit until it is destroyed or `unlock()` is called. Movable.
    using guard = detail::guard<semaphore>;

    class BRIO_API [[nodiscard("acquire does nothing unless it is awaited: auto guard = co_await semaphore.acquire()")]]
    acquire_operation final : public detail::operation_base {
    public:
        using value_type = guard;
        acquire_operation(semaphore& target, const source_location& where) noexcept
            : operation_base(where), semaphore_(target) {}
        acquire_operation(acquire_operation&&) noexcept = default;

        bool ready() noexcept { return semaphore_.try_take(); }
        void suspend() { detail::enlist(semaphore_.waiters_, *this); }
        guard resume() noexcept { return guard(semaphore_); }
        bool resumable() noexcept override;
        detail::cancel_reply cancel() noexcept override;
        detail::cancel_reply cancel_woken() noexcept override;
        [[nodiscard]] const char* describe() const noexcept override { return "semaphore.acquire()"; }

    private:
        semaphore& semaphore_;
    };

    /// Waits for a permit and gives a guard that holds it. Does not suspend when one is free and nobody waits.
    /// **Cancellation** while waiting leaves the queue; a task that was given its permit but has not run hands it back.
    acquire_operation acquire(const source_location& where = source_location::current()) noexcept { return {*this, where}; }
    /// A permit if one is free and nobody waits.
    std::optional<guard> try_acquire() noexcept {
        return try_take() ? std::optional<guard>(std::in_place, *this) : std::nullopt;
    }
    /// Whether `acquire()` would wait: no permit is free, or others wait for theirs.
    [[nodiscard]] bool locked() const noexcept { return value_ == 0 || given_ > 0 || !waiters_.empty(); }
    /// Permits that are free.
    [[nodiscard]] std::ptrdiff_t value() const noexcept { return value_; }

    /// Adds `count` permits; those of detached guards are given back like this. There may be more of them than at the
    /// start, except in a bounded_semaphore: that throws invalid_state_error and changes nothing. Throws
    /// std::invalid_argument when `count` is less than 1. Needs no running loop.
    void release(std::ptrdiff_t count = 1);

protected:
    semaphore(std::ptrdiff_t value, std::ptrdiff_t bound);

private:
    friend guard;

    bool try_take() noexcept {
        if (locked()) return false;
        --value_;
        return true;
    }
    /// Gives back the permit of a guard.
    void hand_over() noexcept;
    /// Gives free permits to those who wait, the first ones first.
    void give() noexcept;

    std::ptrdiff_t value_;
    std::ptrdiff_t bound_;
    std::size_t given_ = 0;  // woken waiters that have their permit and have not run
    detail::intrusive_list<detail::waiter> waiters_;
};

/// A semaphore that never has more free permits than at the start; asyncio's `BoundedSemaphore`. One `release()` too many
/// throws invalid_state_error, when it is made while all permits are free. (A guard never throws: the permit that was
/// given back twice, by `release()` and by its guard, is then counted once.)
class BRIO_API bounded_semaphore : public semaphore {
public:
    explicit bounded_semaphore(std::ptrdiff_t value = 1) : semaphore(value, value) {}
};

}  // namespace brio::inline v0
