// SPDX-License-Identifier: BSL-1.0
// The read buffer of a connection.
#include "http/connection.hpp"

#include <algorithm>
#include <cstring>

namespace brio::inline v0::http::detail {

void read_buffer::consume(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
}

char* read_buffer::room() {
    if (!data_) grow(initial_size);
    if (was_full_ && capacity_ < most) grow(capacity_ * 2);
    was_full_ = false;
    if (capacity_ - end_ < capacity_ / 2) {
        if (begin_ > 0) {
            std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (capacity_ - end_ < capacity_ / 2) grow(capacity_ * 2);
    }
    return data_.get() + end_;
}

void read_buffer::filled(std::size_t n) noexcept {
    end_ += n;
    was_full_ = end_ == capacity_;
}

void read_buffer::shrink() noexcept {
    if (capacity_ <= initial_size || begin_ != end_) return;
    data_.reset();
    capacity_ = begin_ = end_ = 0;
    was_full_ = false;
}

void read_buffer::grow(std::size_t capacity) {
    std::unique_ptr<char[]> larger(new char[capacity]);
    const std::string_view kept = pending();
    if (!kept.empty()) std::memcpy(larger.get(), kept.data(), kept.size());
    end_ = kept.size();
    begin_ = 0;
    data_ = std::move(larger);
    capacity_ = capacity;
}

} // namespace brio::inline v0::http::detail
