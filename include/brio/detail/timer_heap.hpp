// SPDX-License-Identifier: BSL-1.0
// Timers of one loop: an indexed 4-ary heap ordered by (deadline, sequence), so that equal deadlines fire in FIFO
// order and cancelling is O(log n) without a system call.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace brio::inline v0::detail {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// A timer that an operation or a handle owns. It stands in at most one heap.
class BRIO_API timer_node {
public:
    timer_node() noexcept = default;
    timer_node(const timer_node&) = delete;
    timer_node& operator=(const timer_node&) = delete;

    [[nodiscard]] bool is_armed() const noexcept { return slot_ != not_armed; }

    /// Called once the deadline passed, the node being out of the heap. Must not throw.
    virtual void fire() noexcept = 0;
    /// In place of fire(): the loop ends before the deadline; the node is out of the heap.
    virtual void drop() noexcept {}

protected:
    virtual ~timer_node();

private:
    friend class timer_heap;
    static constexpr std::uint32_t not_armed = static_cast<std::uint32_t>(-1);

    std::uint32_t slot_ = not_armed;
};

/// A node knows its slot, a slot its place in the heap: what moves in the heap touches two dense arrays and none of the
/// nodes, which lie in as many coroutine frames and would cost a cache miss each.
class BRIO_API timer_heap {
public:
    /// `first_sequence`: for tests of what happens when the numbers end.
    explicit timer_heap(std::uint32_t first_sequence = 0) noexcept : next_sequence_(first_sequence) {}

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] time_point next_deadline() const noexcept { return entries_.front().deadline; }

    /// Arms `node`, which must not be armed. Strong guarantee: throws `std::bad_alloc` with nothing changed.
    void add(timer_node& node, time_point deadline);

    /// Disarms; nothing happens when it is not armed.
    void remove(timer_node& node) noexcept;

    /// Takes the earliest timer due at `now` out of the heap, null when there is none.
    timer_node* pop_due(time_point now) noexcept;
    /// Takes any timer out, null when there is none.
    timer_node* pop_any() noexcept;

private:
    struct entry {
        time_point deadline;
        std::uint32_t sequence;
        std::uint32_t slot;
        // Without a branch: it would be mispredicted half of the time.
        [[nodiscard]] bool operator<(const entry& other) const noexcept {
            return static_cast<unsigned>(deadline < other.deadline) |
                   (static_cast<unsigned>(deadline == other.deadline) & static_cast<unsigned>(sequence < other.sequence));
        }
    };

    static constexpr std::uint32_t no_slot = timer_node::not_armed;

    void place(std::size_t index, const entry& item) noexcept {
        entries_[index] = item;
        places_[item.slot] = static_cast<std::uint32_t>(index);
    }
    void sift_up(std::size_t index, entry item) noexcept;
    void take_out(std::size_t index) noexcept;
    void renumber() noexcept;

    std::vector<entry> entries_;
    // By slot: the place in the heap, or the next free slot, and the node.
    std::vector<std::uint32_t> places_;
    std::vector<timer_node*> nodes_;
    std::uint32_t free_slot_ = no_slot;
    std::uint32_t next_sequence_;
};

}  // namespace brio::inline v0::detail
