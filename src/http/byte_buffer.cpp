// SPDX-License-Identifier: BSL-1.0
// Growing byte storage.
#include "http/byte_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace brio::inline v0::http::detail {

byte_buffer::byte_buffer(byte_buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), begin_(std::exchange(other.begin_, 0)),
      size_(std::exchange(other.size_, 0)), capacity_(std::exchange(other.capacity_, 0)) {}

byte_buffer& byte_buffer::operator=(byte_buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
}

byte_buffer::~byte_buffer() { std::free(data_); }

void byte_buffer::reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    void* const larger = std::realloc(data_, capacity);
    if (!larger) throw std::bad_alloc();
    data_ = static_cast<char*>(larger);
    capacity_ = capacity;
}

char* byte_buffer::room(std::size_t n) {
    const std::size_t end = begin_ + size_;
    if (capacity_ - end < n) reserve(std::max(end + n, capacity_ * 2));
    return data_ + end;
}

void byte_buffer::append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
}

} // namespace brio::inline v0::http::detail
