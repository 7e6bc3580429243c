// SPDX-License-Identifier: BSL-1.0
// Small blocks that are made and freed all the time, kept per thread instead of going to malloc each time.
#pragma once

#include <brio/core/config.hpp>

#include <cstddef>

namespace brio::inline v0::detail {

/// Up to 512 bytes come from the calling thread's cache, which keeps a bounded number of blocks of each size; the rest,
/// and everything in builds for sanitizers, from operator new. A block may be freed by another thread.
[[nodiscard]] BRIO_API void* allocate_block(std::size_t size);
BRIO_API void free_block(void* block, std::size_t size) noexcept;

}  // namespace brio::inline v0::detail
