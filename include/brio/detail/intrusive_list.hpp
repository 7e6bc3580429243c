// SPDX-License-Identifier: BSL-1.0
// A doubly linked list whose nodes are members of the objects in it: no allocation, O(1) removal from the middle.
#pragma once

namespace brio::inline v0::detail {

/// A place in one intrusive_list. Neither copied nor moved while linked.
class list_hook {
public:
    list_hook() noexcept = default;
    list_hook(const list_hook&) noexcept {}
    list_hook& operator=(const list_hook&) = delete;
    ~list_hook() { unlink(); }

    [[nodiscard]] bool is_linked() const noexcept { return next_ != nullptr; }

    void unlink() noexcept {
        if (!next_) return;
        prev_->next_ = next_;
        next_->prev_ = prev_;
        prev_ = next_ = nullptr;
    }

protected:
    /// A mark for an object that no list has: a value that is no address, so that the one check for "not linked" finds
    /// it as well. It must be cleared before the object is linked.
    void mark() noexcept { next_ = reinterpret_cast<list_hook*>(1); }
    void clear_mark() noexcept { next_ = nullptr; }
    [[nodiscard]] bool is_marked() const noexcept { return next_ == reinterpret_cast<list_hook*>(1); }

private:
    template <class>
    friend class intrusive_list;
    list_hook* prev_ = nullptr;
    list_hook* next_ = nullptr;
};

/// FIFO of objects that derive from list_hook. It owns nothing.
template <class T>
class intrusive_list {
public:
    intrusive_list() noexcept { reset(); }
    intrusive_list(const intrusive_list&) = delete;
    intrusive_list& operator=(const intrusive_list&) = delete;
    ~intrusive_list() {
        while (!empty()) head_.next_->unlink();
        head_.prev_ = head_.next_ = nullptr;
    }

    [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }
    [[nodiscard]] T& front() noexcept { return *static_cast<T*>(head_.next_); }

    void push_back(T& item) noexcept {
        list_hook& node = item;
        node.prev_ = head_.prev_;
        node.next_ = &head_;
        head_.prev_->next_ = &node;
        head_.prev_ = &node;
    }

    T* pop_front() noexcept {
        if (empty()) return nullptr;
        T& item = front();
        static_cast<list_hook&>(item).unlink();
        return &item;
    }

    /// The element behind `item`, null at the end.
    [[nodiscard]] T* next(T& item) noexcept {
        list_hook* node = static_cast<list_hook&>(item).next_;
        return node == &head_ ? nullptr : static_cast<T*>(node);
    }
    [[nodiscard]] T* first() noexcept { return empty() ? nullptr : &front(); }

    /// Moves every element of `other` to the end of this list.
    void splice(intrusive_list& other) noexcept {
        if (other.empty()) return;
        other.head_.next_->prev_ = head_.prev_;
        head_.prev_->next_ = other.head_.next_;
        other.head_.prev_->next_ = &head_;
        head_.prev_ = other.head_.prev_;
        other.reset();
    }

private:
    void reset() noexcept { head_.prev_ = head_.next_ = &head_; }

    list_hook head_;
};

}  // namespace brio::inline v0::detail
