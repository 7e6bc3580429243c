// SPDX-License-Identifier: BSL-1.0
// The 4-ary heap of timers.
#include <brio/detail/timer_heap.hpp>

#include <algorithm>

namespace brio::inline v0::detail {

timer_node::~timer_node() = default;

void timer_heap::place(std::size_t index, const entry& item) noexcept {
    entries_[index] = item;
    item.node->index_ = index;
}

void timer_heap::sift_up(std::size_t index, entry item) noexcept {
    while (index > 0) {
        const std::size_t parent = (index - 1) / 4;
        if (!(item < entries_[parent])) break;
        place(index, entries_[parent]);
        index = parent;
    }
    place(index, item);
}

void timer_heap::sift_down(std::size_t index, entry item) noexcept {
    const std::size_t count = entries_.size();
    for (;;) {
        const std::size_t first = index * 4 + 1;
        if (first >= count) break;
        std::size_t least = first;
        for (std::size_t child = first + 1; child < std::min(first + 4, count); ++child) {
            if (entries_[child] < entries_[least]) least = child;
        }
        if (!(entries_[least] < item)) break;
        place(index, entries_[least]);
        index = least;
    }
    place(index, item);
}

void timer_heap::add(timer_node& node, time_point deadline) {
    const entry item{deadline, next_sequence_, &node};
    entries_.push_back(item);
    ++next_sequence_;
    node.deadline_ = deadline;
    sift_up(entries_.size() - 1, item);
}

void timer_heap::remove(timer_node& node) noexcept {
    if (!node.is_armed()) return;
    const std::size_t index = node.index_;
    node.index_ = timer_node::not_armed;
    const entry last = entries_.back();
    entries_.pop_back();
    if (index == entries_.size()) return;
    if (index > 0 && last < entries_[(index - 1) / 4]) {
        sift_up(index, last);
    } else {
        sift_down(index, last);
    }
}

timer_node* timer_heap::pop_due(time_point now) noexcept {
    if (empty() || entries_.front().deadline > now) return nullptr;
    timer_node* node = entries_.front().node;
    remove(*node);
    return node;
}

timer_node* timer_heap::pop_any() noexcept {
    if (empty()) return nullptr;
    timer_node* node = entries_.back().node;
    remove(*node);
    return node;
}

}  // namespace brio::inline v0::detail
