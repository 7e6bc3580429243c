// SPDX-License-Identifier: BSL-1.0
// The thread-safe inbox of a loop: the only door through which another thread reaches it.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/ready_queue.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace brio::inline v0::detail {

class scheduler;

/// Shared by the loop and by everybody who may call from outside. It outlives the loop, closed.
///
/// Nodes are pushed onto one atomic word without a lock. A loop that is at work looks into the box between its turns;
/// only the first node for a loop that has gone to rest wakes it.
class BRIO_API mailbox : public std::enable_shared_from_this<mailbox> {
public:
    explicit mailbox(scheduler& target) noexcept : target_(&target) {}
    mailbox(const mailbox&) = delete;
    mailbox& operator=(const mailbox&) = delete;
    ~mailbox();

    /// A new one, which `of` finds.
    [[nodiscard]] static std::shared_ptr<mailbox> open(scheduler& target);
    /// The inbox of a loop that is known by its address only, and that may be gone: null, then. From any thread. A loop
    /// that was made in the same place since counts as that one.
    [[nodiscard]] static std::shared_ptr<mailbox> of(const scheduler* target) noexcept;

    /// Hands `node` to the loop, waking it if it sleeps; the loop runs it in one of its next turns, in the order of
    /// the calls. False when the loop is closed: the node stays the caller's. The box must be alive when this is called;
    /// the node may hold it.
    [[nodiscard]] bool put(ready_node& node) noexcept;

    // For the loop's thread.

    /// Closes the door: later `put` calls give false. Nodes inside are handed to the loop's ready queue.
    void close() noexcept;
    [[nodiscard]] bool has_mail() const noexcept { return head_.load(std::memory_order_relaxed) > closed; }
    /// Moves everything inside to `queue`. From now on the loop looks again by itself, until it rests.
    void collect(ready_queue& queue) noexcept;
    /// From now on what is put wakes the loop. False, and no effect, when there is mail.
    [[nodiscard]] bool rest() noexcept;

private:
    void forget() noexcept;

    mailbox* next_open_ = nullptr;  // in the list of those that `of` finds
    template <class T>
    struct slot;
    struct wake;

    // Of `head_`, when it is not the address of the newest node. None of them is the address of anything.
    static constexpr std::uintptr_t attended = 0;  // empty; the loop will look
    static constexpr std::uintptr_t at_rest = 1;   // empty; the loop must be woken
    static constexpr std::uintptr_t closed = 2;

    void wake_loop() noexcept;

    std::atomic<std::uintptr_t> head_{at_rest};
    std::atomic<bool> wake_posted_{false};
    std::mutex mutex_;
    scheduler* target_;  // null once closed
    // The memory of the one handler that wakes the loop, so that nothing can fail on the way to it.
    alignas(std::max_align_t) std::byte wake_memory_[256];
};

}  // namespace brio::inline v0::detail
