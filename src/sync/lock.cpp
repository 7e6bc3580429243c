// SPDX-License-Identifier: BSL-1.0
// Handing a lock over.
#include <brio/sync/lock.hpp>

#include <brio/core/error.hpp>

namespace brio::inline v0 {

void lock::hand_over() noexcept {
    locked_ = false;
    if (detail::debug_mode_anywhere()) detail::forget_held(this);
    if (detail::waiter* next = waiters_.first()) next->wake();
}

void lock::enqueue(detail::waiter& last) noexcept {
    waiters_.push_back(last);
    if (!locked_) hand_over();
}

void lock::release() {
    if (!locked_) throw invalid_state_error("lock.release(): the lock is not held");
    hand_over();
}

bool lock::claim(detail::waiter& first) noexcept {
    if (locked_) return false;
    locked_ = true;
    first.unlink();
    return true;
}

detail::cancel_reply lock::acquire_operation::cancel() noexcept {
    unlink();
    return detail::cancel_reply::left;
}

detail::cancel_reply lock::acquire_operation::cancel_woken() noexcept {
    unlink();
    if (!lock_.locked_) lock_.hand_over();
    return detail::cancel_reply::left;
}

}  // namespace brio::inline v0
