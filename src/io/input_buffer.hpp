// SPDX-License-Identifier: BSL-1.0
// input_buffer: bytes that have arrived and were not taken yet, in one block that is as large as the traffic.
#pragma once

#include <brio/core/config.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace brio::inline v0::detail {

class BRIO_API input_buffer {
public:
    static constexpr std::size_t smallest_block = 1024;      // of a connection that is silent most of the time
    static constexpr std::size_t largest_block = 64 * 1024;  // more only when more is kept

    [[nodiscard]] std::string_view pending() const noexcept { return {block_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

    /// Makes room for another read; `wanted` says how much is welcome, as far as that is known.
    [[nodiscard]] char* room(std::size_t wanted);
    [[nodiscard]] std::size_t room_size() const noexcept { return capacity_ - end_; }
    /// `n` bytes were read into the room. A full room makes the next block larger, bytes that get lost in it smaller.
    void filled(std::size_t n) noexcept;

    [[nodiscard]] std::string take(std::size_t n);
    /// The same into memory of the caller's.
    void take(void* target, std::size_t n) noexcept;
    void drop(std::size_t n) noexcept;
    void clear() noexcept { drop(size()); }
    /// Puts bytes in that came from elsewhere.
    void append(std::string_view bytes);

private:
    void grow(std::size_t capacity);

    std::unique_ptr<char[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t next_block_ = smallest_block;
};

}  // namespace brio::inline v0::detail
