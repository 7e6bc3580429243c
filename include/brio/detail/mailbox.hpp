// SPDX-License-Identifier: BSL-1.0
// The thread-safe inbox of a loop: the only door through which another thread reaches it.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/ready_queue.hpp>

#include <memory>
#include <mutex>

namespace brio::inline v0::detail {

class scheduler;

/// Shared by the loop and by everybody who may call from outside. It outlives the loop, closed.
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
    /// the calls. False when the loop is closed: the node stays the caller's.
    [[nodiscard]] bool put(ready_node& node);

    /// Closes the door: later `put` calls give false. Nodes inside are handed to the loop's ready queue.
    void close() noexcept;

    /// Moves everything inside to the loop's ready queue; loop thread only.
    void collect() noexcept;

private:
    void forget() noexcept;

    mailbox* next_open_ = nullptr;  // in the list of those that `of` finds
    std::mutex mutex_;
    scheduler* target_;  // null once closed
    ready_queue nodes_;
    bool wake_posted_ = false;
};

}  // namespace brio::inline v0::detail
