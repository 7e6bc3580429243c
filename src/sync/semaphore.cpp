// SPDX-License-Identifier: BSL-1.0
// Giving permits to those who wait.
#include <brio/sync/semaphore.hpp>

#include <brio/core/error.hpp>

#include <stdexcept>
#include <string>

namespace brio::inline v0 {

semaphore::semaphore(std::ptrdiff_t value, std::ptrdiff_t bound) : value_(value), bound_(bound) {
    if (value < 0) {
        throw std::invalid_argument("a semaphore cannot start with " + std::to_string(value) +
                                    " permits: the number must be 0 or more");
    }
}

void semaphore::release(std::ptrdiff_t count) {
    if (count < 1) {
        throw std::invalid_argument("semaphore.release(" + std::to_string(count) + "): the number must be 1 or more");
    }
    if (count > bound_ - value_) {
        throw invalid_state_error("semaphore.release(" + std::to_string(count) + "): " + std::to_string(value_) +
                                  " permits are free, and there must not be more than " + std::to_string(bound_));
    }
    value_ += count;
    give();
}

void semaphore::hand_over() noexcept {
    if (value_ < bound_) ++value_;
    give();
}

void semaphore::give() noexcept {
    while (value_ > 0) {
        detail::waiter* const next = waiters_.pop_front();
        if (!next) return;
        --value_;
        ++given_;
        next->wake();
    }
}

// Those who came in the meantime had to wait although permits were left, not to overtake this one.
bool semaphore::acquire_operation::resumable() noexcept {
    --semaphore_.given_;
    semaphore_.give();
    return true;
}

detail::cancel_reply semaphore::acquire_operation::cancel() noexcept {
    unlink();
    return detail::cancel_reply::left;
}

detail::cancel_reply semaphore::acquire_operation::cancel_woken() noexcept {
    --semaphore_.given_;
    semaphore_.hand_over();
    return detail::cancel_reply::left;
}

}  // namespace brio::inline v0
