// SPDX-License-Identifier: BSL-1.0
// event: a flag that tasks wait for.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>

#include <cstddef>

namespace brio::inline v0 {

/// A level-triggered flag; asyncio's `Event`. It belongs to the thread of the loop whose tasks use it, and must
/// outlive their waits.
class BRIO_API event {
public:
    event() noexcept = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;

    class BRIO_API [[nodiscard("wait does nothing unless it is awaited: co_await it")]] wait_operation final
        : public detail::operation_base {
    public:
        using value_type = void;
        wait_operation(event& target, const source_location& where) noexcept : operation_base(where), event_(target) {}
        wait_operation(wait_operation&&) noexcept = default;

        bool ready() const noexcept { return event_.set_; }
        void suspend() { detail::enlist(event_.waiters_, *this); }
        static void resume() noexcept {}
        detail::cancel_reply cancel() noexcept override;
        [[nodiscard]] const char* describe() const noexcept override { return "event.wait()"; }

    private:
        event& event_;
    };

    /// Sets the flag and wakes everybody who waits, in order of arrival; they go on even if the flag is cleared
    /// before their turn.
    void set() noexcept;
    /// Later waiters wait.
    void clear() noexcept { set_ = false; }
    [[nodiscard]] bool is_set() const noexcept { return set_; }

    /// Completes when the flag is set; does not suspend when it is. **Cancellation** while waiting leaves the
    /// queue; once woken, the wait ends normally and the cancel comes at the next suspension.
    wait_operation wait(const source_location& where = source_location::current()) noexcept { return {*this, where}; }

private:
    bool set_ = false;
    detail::intrusive_list<detail::waiter> waiters_;
};

}  // namespace brio::inline v0
