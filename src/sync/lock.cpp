// SPDX-License-Identifier: BSL-1.0
// Handing a lock over.
#include <brio/sync/lock.hpp>

#include <brio/core/error.hpp>

namespace brio::inline v0 {

void lock::hand_over() noexcept {
    locked_ = false;
    if (detail::waiter* next = waiters_.first()) next->wake();
}

void lock::release() {
    if (!locked_) throw invalid_state_error("lock.release(): the lock is not held");
    hand_over();
}

bool lock::acquire_operation::resumable() noexcept {
    if (lock_.locked_) return false;
    lock_.locked_ = true;
    unlink();
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
