// SPDX-License-Identifier: BSL-1.0
// The read buffer of a connection.
#include "http/connection.hpp"

#include "io/unconfirmed.hpp"

#include <brio/detail/scheduler.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace brio::inline v0::http::detail {

namespace {

// Smaller bodies are copied out: that is cheaper than the pages which a kept block would take beyond its body.
constexpr std::size_t worth_a_block = 48 * 1024;
constexpr std::size_t head_allowance = 2048;
constexpr std::chrono::steady_clock::time_point never;
// A socket that was empty so short a time ago is not looked at again: what came meanwhile might as well come just after a look.
constexpr std::chrono::microseconds short_while{50};

}  // namespace

void connection::note_read(std::size_t got, std::size_t wanted) noexcept {
    const bool empty = got > 0 && got < wanted && io->was_emptied();
    emptied_ = empty ? brio::detail::scheduler::current()->now() : never;
}

bool connection::is_fresh() noexcept {
    if (!input.empty()) return false;
    // Not so at first, for servers that close after each answer without a word.
    const bool just_seen = served > 1 && emptied_ != never && brio::detail::scheduler::current()->now() - emptied_ < short_while;
    return just_seen || io->is_quiet();
}

bool connection::is_unseen() noexcept {
    if (unsent_) return true;
    return ended && request_size_ > 0 && brio::detail::unconfirmed_bytes(io->native_handle()) >= request_size_;
}

read_buffer::~read_buffer() { std::free(data_); }

void read_buffer::consume(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ == end_) begin_ = end_ = 0;
}

char* read_buffer::room() {
    if (!data_) grow(expected_);
    if (was_full_ && capacity_ < most) grow(capacity_ * 2);
    was_full_ = false;
    if (capacity_ - end_ < capacity_ / 2) {
        if (begin_ > 0) {
            std::memmove(data_, data_ + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        if (capacity_ - end_ < capacity_ / 2) grow(capacity_ * 2);
    }
    return data_ + end_;
}

void read_buffer::filled(std::size_t n) noexcept {
    end_ += n;
    was_full_ = end_ == capacity_;
}

void read_buffer::expect(std::uint64_t size) noexcept {
    const std::uint64_t wanted = std::clamp<std::uint64_t>(size + head_allowance, initial_size, most);
    if (wanted > expected_ || wanted < expected_ / 2) expected_ = static_cast<std::size_t>(wanted);
}

byte_buffer read_buffer::take_pending() {
    const std::string_view bytes = pending();
    if (bytes.size() >= worth_a_block && bytes.size() >= capacity_ / 4) {
        byte_buffer taken(data_, begin_, bytes.size());
        data_ = nullptr;
        release();
        return taken;
    }
    byte_buffer copy;
    copy.append(bytes);
    begin_ = end_ = 0;
    return copy;
}

void read_buffer::release() noexcept {
    std::free(data_);
    data_ = nullptr;
    capacity_ = begin_ = end_ = 0;
    was_full_ = false;
}

void read_buffer::grow(std::size_t capacity) {
    auto* const larger = static_cast<char*>(std::malloc(capacity));
    if (!larger) throw std::bad_alloc();
    const std::string_view kept = pending();
    if (!kept.empty()) std::memcpy(larger, kept.data(), kept.size());
    std::free(data_);
    end_ = kept.size();
    begin_ = 0;
    data_ = larger;
    capacity_ = capacity;
}

}  // namespace brio::inline v0::http::detail
