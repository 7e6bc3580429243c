// SPDX-License-Identifier: BSL-1.0
// ring<T>: a FIFO in one growing block; in steady state it allocates nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace brio::inline v0::detail {

template <class T>
class ring {
public:
    ring() noexcept = default;
    ring(const ring&) = delete;
    ring& operator=(const ring&) = delete;
    ~ring() {
        clear();
        if (data_) std::allocator<T>().deallocate(data_, capacity_);
    }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Strong guarantee when T moves without throwing.
    void push(T&& item) {
        if (size_ == capacity_) grow();
        std::construct_at(data_ + slot(size_), std::move(item));
        ++size_;
    }

    T pop() {
        T& front = data_[head_];
        T item = std::move(front);
        drop_front();
        return item;
    }

    void clear() noexcept {
        while (size_ > 0) drop_front();
    }

private:
    [[nodiscard]] std::size_t slot(std::size_t index) const noexcept { return (head_ + index) & (capacity_ - 1); }

    void drop_front() noexcept {
        std::destroy_at(data_ + head_);
        head_ = slot(1);
        --size_;
    }

    void grow() {
        const std::size_t larger = capacity_ ? capacity_ * 2 : 16;  // a power of two: see slot()
        T* const block = std::allocator<T>().allocate(larger);
        for (std::size_t i = 0; i < size_; ++i) {
            T& item = data_[slot(i)];
            std::construct_at(block + i, std::move(item));
            std::destroy_at(&item);
        }
        if (data_) std::allocator<T>().deallocate(data_, capacity_);
        data_ = block;
        capacity_ = larger;
        head_ = 0;
    }

    T* data_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t head_ = 0;
    std::size_t size_ = 0;
};

}  // namespace brio::inline v0::detail
