// SPDX-License-Identifier: BSL-1.0
// Cached blocks: sizes, reuse, other threads.
#include <brio/detail/block_cache.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

namespace {

using brio::detail::allocate_block;
using brio::detail::free_block;

TEST(block_cache, every_size_can_be_written_to_its_end) {
    for (const std::size_t size : {1U, 63U, 64U, 65U, 511U, 512U, 513U, 4096U}) {
        void* const block = allocate_block(size);
        std::memset(block, 0x5a, size);
        free_block(block, size);
    }
}

TEST(block_cache, blocks_in_use_are_never_handed_out_again) {
    std::vector<void*> held;
    for (int i = 0; i < 3000; ++i) held.push_back(allocate_block(200));
    for (std::size_t i = 0; i < held.size(); ++i) std::memset(held[i], static_cast<int>(i % 251), 200);
    for (std::size_t i = 0; i < held.size(); ++i) {
        const auto* const bytes = static_cast<const unsigned char*>(held[i]);
        ASSERT_EQ(bytes[0], i % 251);
        ASSERT_EQ(bytes[199], i % 251);
    }
    for (void* const block : held) free_block(block, 200);
}

TEST(block_cache, a_block_may_be_freed_by_another_thread_which_then_ends) {
    std::vector<void*> blocks;
    for (int i = 0; i < 100; ++i) blocks.push_back(allocate_block(300));
    std::thread other([&] {
        for (void* const block : blocks) free_block(block, 300);
        free_block(allocate_block(300), 300);
    });
    other.join();
}

}  // namespace
