// SPDX-License-Identifier: BSL-1.0
// The block of bytes that have arrived, and how large it is.
#include "io/input_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace brio::inline v0::detail {

char* input_buffer::room(std::size_t wanted) {
    const std::size_t kept = size();
    const std::size_t least = std::min(std::max(next_block_, wanted), largest_block);
    if (kept == 0) {
        begin_ = end_ = 0;
        if (capacity_ < least || capacity_ / 4 > least) {
            block_.reset();
            capacity_ = 0;
            grow(least);
        }
    } else if (room_size() < least / 2) {
        // Moving is worth its while only when the room that it makes is large against what is moved.
        if (begin_ >= least / 2 && begin_ >= kept) {
            std::memmove(block_.get(), block_.get() + begin_, kept);
            begin_ = 0;
            end_ = kept;
        } else {
            grow(std::max(kept + least, kept * 2));
        }
    }
    return block_.get() + end_;
}

void input_buffer::grow(std::size_t capacity) {
    std::unique_ptr<char[]> larger(new char[capacity]);
    const std::size_t kept = size();
    if (kept > 0) std::memcpy(larger.get(), block_.get() + begin_, kept);
    block_ = std::move(larger);
    capacity_ = capacity;
    begin_ = 0;
    end_ = kept;
}

void input_buffer::filled(std::size_t n) noexcept {
    const std::size_t offered = room_size();
    end_ += n;
    if (n == offered) {
        next_block_ = std::min(largest_block, std::max(next_block_, capacity_) * 2);
    } else if (n < next_block_ / 8) {
        next_block_ = std::max(smallest_block, next_block_ / 2);
    }
}

std::string input_buffer::take(std::size_t n) {
    std::string taken(pending().substr(0, n));
    drop(n);
    return taken;
}

void input_buffer::take(void* target, std::size_t n) noexcept {
    if (n == 0) return;
    std::memcpy(target, block_.get() + begin_, n);
    drop(n);
}

void input_buffer::drop(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ < end_) return;
    begin_ = end_ = 0;
    if (capacity_ <= largest_block) return;
    block_.reset();  // one long line was there
    capacity_ = 0;
}

void input_buffer::append(std::string_view bytes) {
    if (bytes.empty()) return;
    if (room_size() < bytes.size()) grow(size() + bytes.size());
    std::memcpy(block_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
}

}  // namespace brio::inline v0::detail
