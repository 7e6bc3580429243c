// SPDX-License-Identifier: BSL-1.0
// Handles of scheduled callbacks.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/context.hpp>
#include <brio/detail/callback.hpp>

namespace brio::inline v0 {

/// A callback given to `call_soon` or `call_soon_threadsafe`; asyncio's `Handle`. Copies refer to the same callback;
/// dropping them changes nothing. Except for `cancel()` of a thread-safe call, use it on the loop's thread. An empty
/// one (default-constructed, moved from) can be cancelled without effect; `context()` and `when()` throw
/// invalid_state_error.
class BRIO_API handle {
public:
    handle() noexcept = default;
    explicit handle(detail::ref<detail::callback> target) noexcept : target_(std::move(target)) {}

    /// The callback will not be called; no effect once it ran. Idempotent.
    void cancel() noexcept {
        if (target_) target_->cancel();
    }
    [[nodiscard]] bool cancelled() const noexcept { return target_ && target_->is_cancelled(); }
    /// The context that it runs in, itself: the one given, or the copy that was made when it was scheduled. asyncio's
    /// `Handle.get_context`.
    [[nodiscard]] brio::context context() const;

    explicit operator bool() const noexcept { return static_cast<bool>(target_); }

protected:
    void require_callback() const;

    detail::ref<detail::callback> target_;
};

/// A callback given to `call_later` or `call_at`; asyncio's `TimerHandle`.
class BRIO_API timer_handle : public handle {
public:
    using handle::handle;

    /// When it is due, on the loop's clock; also after it ran or was cancelled.
    [[nodiscard]] detail::time_point when() const {
        require_callback();
        return target_->due();
    }
};

}  // namespace brio::inline v0
