// SPDX-License-Identifier: BSL-1.0
// condition: wait, with a lock given up meanwhile, until another task says that something has changed.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/callable.hpp>
#include <brio/sync/lock.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

class condition;

namespace detail {

/// One wait, from giving up the lock to holding it again: first in the condition's list, then in the lock's.
class BRIO_API condition_wait : public operation_base {
public:
    bool resumable() noexcept override;
    cancel_reply cancel() noexcept override;
    cancel_reply cancel_woken() noexcept override { return cancel(); }

    /// Gives up the lock and waits; the caller has checked that it is held.
    void suspend();

protected:
    condition_wait(condition& target, const source_location& where) noexcept : operation_base(where), condition_(target) {}
    condition_wait(condition_wait&&) noexcept = default;
    ~condition_wait() = default;

    void require_lock() const;
    /// Throws what ended the wait early. The lock is held.
    void finish();

private:
    friend class brio::condition;

    /// With the lock held: whether the wait is over, or goes on.
    virtual bool is_over() { return true; }
    bool is_over_in_task() noexcept;

    enum class stage : std::uint8_t {
        waiting,   ///< In the condition's list.
        notified,  ///< In the lock's list.
        holding,   ///< The lock is held, the predicate is asked.
    };

    condition& condition_;
    stage stage_ = stage::waiting;
    bool cancelled_ = false;  // from then on all it wants is the lock
    std::exception_ptr error_;
};

}  // namespace detail

/// A lock and a list of tasks that wait for a change of what the lock protects; asyncio's `Condition`. It belongs to the
/// tasks of one loop and must outlive their waits.
///
///     auto guard = co_await changed.acquire();
///     co_await changed.wait_for([&] { return ready; });   // the guard holds the lock again
class BRIO_API condition {
public:
    /// With a lock of its own.
    condition() noexcept : lock_(own_) {}
    /// With a lock that others use, too; it must outlive the condition.
    explicit condition(lock& shared) noexcept : lock_(shared) {}
    condition(const condition&) = delete;
    condition& operator=(const condition&) = delete;

    class [[nodiscard("wait does nothing unless it is awaited: co_await it")]] wait_operation final
        : public detail::condition_wait {
    public:
        using value_type = void;
        wait_operation(condition& target, const source_location& where) noexcept : condition_wait(target, where) {}
        wait_operation(wait_operation&&) noexcept = default;

        bool ready() const {
            require_lock();
            return false;
        }
        void resume() { finish(); }
        [[nodiscard]] const char* describe() const noexcept override { return "condition.wait()"; }
    };

    template <class Predicate>
    class [[nodiscard("wait_for does nothing unless it is awaited: co_await it")]] wait_for_operation final
        : public detail::condition_wait {
    public:
        using value_type = std::decay_t<std::invoke_result_t<Predicate&>>;
        wait_for_operation(condition& target, Predicate predicate, const source_location& where)
            : condition_wait(target, where), predicate_(std::move(predicate)) {}
        wait_for_operation(wait_for_operation&&) noexcept = default;

        bool ready() {
            if (is_over()) return true;
            require_lock();
            return false;
        }
        value_type resume() {
            finish();
            return std::move(*value_);
        }
        [[nodiscard]] const char* describe() const noexcept override { return "condition.wait_for()"; }

    private:
        bool is_over() override {
            value_.emplace(predicate_());
            return static_cast<bool>(*value_);
        }

        Predicate predicate_;
        std::optional<value_type> value_;
    };

    /// Takes the lock; as `lock::acquire()`.
    lock::acquire_operation acquire(const source_location& where = source_location::current()) noexcept {
        return lock_.acquire(where);
    }
    std::optional<lock::guard> try_acquire() noexcept { return lock_.try_acquire(); }
    [[nodiscard]] bool locked() const noexcept { return lock_.locked(); }
    /// Releases a lock whose guard was detached; throws invalid_state_error when it is not locked.
    void release() { lock_.release(); }

    /// Gives up the lock, waits to be notified, and completes when it holds the lock again; a guard stays valid. Throws
    /// invalid_state_error when the lock is not held. What was waited for need not be so: check it again, or use
    /// `wait_for`. **Cancellation** at any moment: the wait ends when it holds the lock again, with cancelled_error; a
    /// notification that had come is passed on to the next waiter.
    wait_operation wait(const source_location& where = source_location::current()) noexcept { return {*this, where}; }

    /// Waits until `predicate()` is true and gives what it returned; does not suspend when it is true at once, which
    /// needs no lock. The predicate is called with the lock held, as a part of the task; it is copied or moved into the
    /// operation. What it throws ends the wait. **Cancellation** as in `wait()`.
    template <class Predicate>
        requires requires(std::decay_t<Predicate>& predicate) { static_cast<bool>(predicate()); }
    wait_for_operation<std::decay_t<Predicate>> wait_for(Predicate&& predicate,
                                                         const source_location& where = source_location::current()) {
        detail::check_callable<Predicate>();
        return {*this, std::forward<Predicate>(predicate), where};
    }

    /// Notifies the first `count` of those who wait (fewer if there are fewer): they go on, one after the other, when the
    /// lock is released. Throws invalid_state_error when the lock is not held.
    void notify(std::size_t count = 1);
    void notify_all();

private:
    friend class detail::condition_wait;

    void require_lock(const char* what) const;
    /// The first waiter leaves for the lock's list; false when there is none.
    bool notify_one() noexcept;

    lock own_;
    lock& lock_;
    detail::intrusive_list<detail::condition_wait> waiters_;
};

}  // namespace brio::inline v0
