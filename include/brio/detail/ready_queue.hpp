// SPDX-License-Identifier: BSL-1.0
// The FIFO of what runs in the next turn of the loop: task steps and callbacks, as intrusive nodes.
#pragma once

#include <brio/core/config.hpp>

#include <cstddef>
#include <utility>

namespace brio::inline v0::detail {

/// Something that can stand in the ready queue, at most once at a time. The queue owns nothing.
class BRIO_API ready_node {
public:
    ready_node() noexcept = default;
    ready_node(const ready_node&) = delete;
    ready_node& operator=(const ready_node&) = delete;

    [[nodiscard]] bool is_queued() const noexcept { return queued_; }

    /// One step. Must not throw; may destroy the node.
    virtual void run() noexcept = 0;
    /// In place of run(): the loop ends before the node's turn. May destroy the node.
    virtual void drop() noexcept = 0;

protected:
    virtual ~ready_node();

private:
    friend class ready_queue;
    friend class mailbox;
    ready_node* next_ = nullptr;
    bool queued_ = false;
};

/// Singly linked FIFO; push and pop are a few instructions.
class ready_queue {
public:
    [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void push(ready_node& node) noexcept {
        if (node.queued_) return;
        node.queued_ = true;
        node.next_ = nullptr;
        if (tail_) {
            tail_->next_ = &node;
        } else {
            head_ = &node;
        }
        tail_ = &node;
        ++size_;
    }

    /// Appends nodes that are marked as queued, linked from the newest to the oldest.
    void append_reversed(ready_node* newest) noexcept {
        ready_node* const last = newest;
        ready_node* oldest = nullptr;
        while (newest) {
            ready_node* const older = std::exchange(newest->next_, oldest);
            oldest = std::exchange(newest, older);
            ++size_;
        }
        if (!oldest) return;
        (tail_ ? tail_->next_ : head_) = oldest;
        tail_ = last;
    }

    ready_node& pop() noexcept {
        ready_node& node = *head_;
        head_ = node.next_;
        if (!head_) tail_ = nullptr;
        node.next_ = nullptr;
        node.queued_ = false;
        --size_;
        return node;
    }

    /// Takes the node at `index` (0 is the front); O(index), for tests that shuffle the order.
    ready_node& pop_at(std::size_t index) noexcept {
        for (; index > 0; --index) push(pop());
        return pop();
    }

    /// From the front to the back.
    template <class F>
    void for_each(F look) const {
        for (const ready_node* node = head_; node; node = node->next_) look(*node);
    }

    void swap(ready_queue& other) noexcept {
        std::swap(head_, other.head_);
        std::swap(tail_, other.tail_);
        std::swap(size_, other.size_);
    }

private:
    ready_node* head_ = nullptr;
    ready_node* tail_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace brio::inline v0::detail
