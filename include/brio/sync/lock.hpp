// SPDX-License-Identifier: BSL-1.0
// lock: mutual exclusion between tasks, first come first served.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/guard.hpp>
#include <brio/detail/held_locks.hpp>

#include <optional>
#include <utility>

namespace brio::inline v0::detail {
class condition_wait;
}

namespace brio::inline v0 {

/// A mutex for tasks of one loop; asyncio's `Lock`. It has no owner and is not recursive: any task may release it.
/// Strictly FIFO: a newcomer never overtakes a task that waits or has been woken. It must outlive the waits and the guards.
class BRIO_API lock {
public:
    lock() noexcept = default;
    lock(const lock&) = delete;
    lock& operator=(const lock&) = delete;
    ~lock() {
        if (locked_ && detail::debug_mode_anywhere()) detail::forget_held(this);
    }

    /// Holds the lock until it is destroyed or `unlock()` is called. Movable.
    using guard = detail::guard<lock>;

    class BRIO_API [[nodiscard("acquire does nothing unless it is awaited: auto guard = co_await lock.acquire()")]]
    acquire_operation final : public detail::operation_base {
    public:
        using value_type = guard;
        acquire_operation(lock& target, const source_location& where) noexcept : operation_base(where), lock_(target) {}
        acquire_operation(acquire_operation&&) noexcept = default;

        bool ready() noexcept { return lock_.try_lock(); }
        void suspend() { detail::enlist(lock_.waiters_, *this); }
        guard resume() noexcept {
            if (detail::debug_mode_anywhere()) detail::note_held(&lock_, where());
            return guard(lock_);
        }
        bool resumable() noexcept override { return lock_.claim(*this); }
        detail::cancel_reply cancel() noexcept override;
        detail::cancel_reply cancel_woken() noexcept override;
        [[nodiscard]] const char* describe() const noexcept override { return "lock.acquire()"; }

    private:
        lock& lock_;
    };

    /// Waits for the lock and gives a guard that holds it. Does not suspend when it is free and nobody waits.
    /// **Cancellation** while waiting leaves the queue; a task that was woken but has not run passes the lock on.
    acquire_operation acquire(const source_location& where = source_location::current()) noexcept { return {*this, where}; }
    /// The lock if it is free and nobody waits.
    std::optional<guard> try_acquire() noexcept {
        return try_lock() ? std::optional<guard>(std::in_place, *this) : std::nullopt;
    }
    [[nodiscard]] bool locked() const noexcept { return locked_; }
    /// Releases a lock whose guard was detached; throws invalid_state_error when it is not locked.
    void release();

private:
    friend guard;
    friend class condition;
    friend class detail::condition_wait;

    bool try_lock() noexcept {
        if (locked_ || !waiters_.empty()) return false;
        return locked_ = true;
    }
    /// The turn of a woken waiter has come.
    bool claim(detail::waiter& first) noexcept;
    /// Releases the lock and wakes who is first.
    void hand_over() noexcept;
    /// A wait that wants the lock back: to the end of the list, woken when it is its turn.
    void enqueue(detail::waiter& last) noexcept;

    bool locked_ = false;
    detail::intrusive_list<detail::waiter> waiters_;  // a woken one stays until it has run, to keep its place
};

}  // namespace brio::inline v0
