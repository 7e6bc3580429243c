// SPDX-License-Identifier: BSL-1.0
// byte_buffer: bytes of a body; unlike std::string it grows without filling the new room with zeros.
#pragma once

#include <cstddef>
#include <string_view>

namespace brio::inline v0::http::detail {

class byte_buffer {
public:
    byte_buffer() noexcept = default;
    byte_buffer(byte_buffer&& other) noexcept;
    byte_buffer& operator=(byte_buffer&& other) noexcept;
    ~byte_buffer();

    /// Takes over `size` bytes at `begin` of a block from std::malloc.
    byte_buffer(char* block, std::size_t begin, std::size_t size) noexcept
        : data_(block), begin_(begin), size_(size), capacity_(begin + size) {}

    [[nodiscard]] std::string_view view() const noexcept { return {data_ + begin_, size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void reserve(std::size_t capacity);
    /// `n` writable bytes behind the end, valid until the next change.
    [[nodiscard]] char* room(std::size_t n);
    /// `n` bytes of the room were written.
    void commit(std::size_t n) noexcept { size_ += n; }
    void append(std::string_view bytes);

private:
    char* data_ = nullptr;
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace brio::inline v0::http::detail
