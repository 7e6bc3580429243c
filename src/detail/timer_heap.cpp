// SPDX-License-Identifier: BSL-1.0
// The 4-ary heap of timers.
#include <brio/detail/timer_heap.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace brio::inline v0::detail {

timer_node::~timer_node() = default;

void timer_heap::sift_up(std::size_t index, entry item) noexcept {
    while (index > 0) {
        const std::size_t parent = (index - 1) / 4;
        if (!(item < entries_[parent])) break;
        place(index, entries_[parent]);
        index = parent;
    }
    place(index, item);
}

void timer_heap::add(timer_node& node, time_point deadline) {
    if (next_sequence_ == std::numeric_limits<std::uint32_t>::max()) renumber();
    entries_.emplace_back();
    if (free_slot_ == no_slot) {
        try {
            places_.push_back(no_slot);
            nodes_.push_back(nullptr);
        } catch (...) {
            places_.resize(nodes_.size());
            entries_.pop_back();
            throw;
        }
        free_slot_ = static_cast<std::uint32_t>(places_.size() - 1);
    }
    const std::uint32_t slot = std::exchange(free_slot_, places_[free_slot_]);
    nodes_[slot] = &node;
    node.slot_ = slot;
    sift_up(entries_.size() - 1, entry{deadline, next_sequence_++, slot});
}

// The hole at `index` goes down to where it has no children; the last entry, which most often belongs there, fills it.
void timer_heap::take_out(std::size_t index) noexcept {
    const entry last = entries_.back();
    entries_.pop_back();
    const std::size_t count = entries_.size();
    if (index == count) return;
    for (;;) {
        const std::size_t first = index * 4 + 1;
        std::size_t least = first;
        if (first + 4 <= count) {
            least = entries_[first + 1] < entries_[first] ? first + 1 : first;
            const std::size_t other = entries_[first + 3] < entries_[first + 2] ? first + 3 : first + 2;
            least = entries_[other] < entries_[least] ? other : least;
        } else if (first < count) {
            for (std::size_t child = first + 1; child < count; ++child) {
                if (entries_[child] < entries_[least]) least = child;
            }
        } else {
            break;
        }
        place(index, entries_[least]);
        index = least;
    }
    sift_up(index, last);
}

void timer_heap::remove(timer_node& node) noexcept {
    if (!node.is_armed()) return;
    const std::uint32_t slot = std::exchange(node.slot_, timer_node::not_armed);
    const std::size_t index = places_[slot];
    places_[slot] = std::exchange(free_slot_, slot);
    take_out(index);
}

timer_node* timer_heap::pop_due(time_point now) noexcept {
    if (empty() || entries_.front().deadline > now) return nullptr;
    timer_node* const node = nodes_[entries_.front().slot];
    remove(*node);
    return node;
}

timer_node* timer_heap::pop_any() noexcept {
    if (empty()) return nullptr;
    timer_node* const node = nodes_[entries_.back().slot];
    remove(*node);
    return node;
}

// The sequence numbers have come to their end, after four thousand million timers: those in use begin again from 0.
void timer_heap::renumber() noexcept {
    std::sort(entries_.begin(), entries_.end());  // a sorted array is a heap
    next_sequence_ = 0;
    for (entry& item : entries_) {
        item.sequence = next_sequence_;
        places_[item.slot] = next_sequence_++;
    }
}

}  // namespace brio::inline v0::detail
