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

    [[nodiscard]] bool is_armed() const noexcept { return index_ != not_armed; }
    [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

    /// Called once the deadline passed, the node being out of the heap. Must not throw.
    virtual void fire() noexcept = 0;
    /// In place of fire(): the loop ends before the deadline; the node is out of the heap.
    virtual void drop() noexcept {}

protected:
    virtual ~timer_node();

private:
    friend class timer_heap;
    static constexpr std::size_t not_armed = static_cast<std::size_t>(-1);

    time_point deadline_{};
    std::size_t index_ = not_armed;
};

class BRIO_API timer_heap {
public:
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
        std::uint64_t sequence;
        timer_node* node;
        bool operator<(const entry& other) const noexcept {
            return deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence;
        }
    };

    void place(std::size_t index, const entry& item) noexcept;
    void sift_up(std::size_t index, entry item) noexcept;
    void sift_down(std::size_t index, entry item) noexcept;

    std::vector<entry> entries_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace brio::inline v0::detail
