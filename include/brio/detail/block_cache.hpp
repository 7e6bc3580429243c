// SPDX-License-Identifier: BSL-1.0
// Small blocks that are made and freed all the time, kept per thread instead of going to malloc each time.
#pragma once

#include <brio/core/config.hpp>

#include <cstddef>
#include <new>

namespace brio::inline v0::detail {

/// Up to 512 bytes come from the calling thread's lists, which hold a bounded number of blocks of each size; the rest,
/// and everything in builds for sanitizers, from operator new. A block may be freed by another thread.
[[nodiscard]] BRIO_API void* allocate_block(std::size_t size);
BRIO_API void free_block(void* block, std::size_t size) noexcept;

/// Base of classes whose objects come from there.
class block_allocated {
public:
    static void* operator new(std::size_t size) { return allocate_block(size); }
    static void operator delete(void* block, std::size_t size) noexcept { free_block(block, size); }
    // For derived classes that a user's type makes over-aligned.
    static void* operator new(std::size_t size, std::align_val_t alignment) { return ::operator new(size, alignment); }
    static void operator delete(void* block, std::size_t, std::align_val_t alignment) noexcept {
        ::operator delete(block, alignment);  // not the sized form: clang has it on request only
    }
};

}  // namespace brio::inline v0::detail
