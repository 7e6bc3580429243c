// SPDX-License-Identifier: BSL-1.0
// The guard of what a task acquired: a lock, a permit of a semaphore.
#pragma once

#include <brio/core/config.hpp>

#include <utility>

namespace brio::inline v0::detail {

/// Holds what was acquired of a `Primitive` until it is destroyed or `unlock()` is called. Movable; it must not outlive
/// the primitive.
template <class Primitive>
class [[nodiscard("what was acquired is released when this guard goes: give it a name")]] guard {
public:
    guard() noexcept = default;
    explicit guard(Primitive& held) noexcept : held_(&held) {}
    guard(guard&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    guard& operator=(guard&& other) noexcept {
        if (this != &other) {
            unlock();
            held_ = std::exchange(other.held_, nullptr);
        }
        return *this;
    }
    ~guard() { unlock(); }

    /// Releases now; no effect when nothing is held.
    void unlock() noexcept {
        if (Primitive* const held = std::exchange(held_, nullptr)) held->hand_over();
    }
    /// Gives up responsibility: it stays acquired until somebody calls `release()`.
    void detach() noexcept { held_ = nullptr; }
    explicit operator bool() const noexcept { return held_ != nullptr; }

private:
    Primitive* held_ = nullptr;
};

}  // namespace brio::inline v0::detail
