// SPDX-License-Identifier: BSL-1.0
// Waking an event's waiters.
#include <brio/sync/event.hpp>

namespace brio::inline v0 {

void event::set() noexcept {
    set_ = true;
    while (detail::waiter* next = waiters_.pop_front()) next->wake();
}

detail::cancel_reply event::wait_operation::cancel() noexcept {
    unlink();
    return detail::cancel_reply::left;
}

}  // namespace brio::inline v0
