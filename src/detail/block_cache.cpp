// SPDX-License-Identifier: BSL-1.0
// Free lists by size class.
#include <brio/detail/block_cache.hpp>

#include <array>
#include <cstdint>
#include <new>

namespace brio::inline v0::detail {

#if defined(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)

void* allocate_block(std::size_t size) { return ::operator new(size); }
void free_block(void* block, std::size_t) noexcept { ::operator delete(block); }

#else

namespace {

constexpr std::size_t granularity = 64;
constexpr std::size_t classes = 8;
constexpr std::uint32_t most_of_a_class = 1024;

struct free_node {
    free_node* next;
};

struct cache {
    struct list {
        free_node* first = nullptr;
        std::uint32_t count = 0;
    };
    std::array<list, classes> lists{};
    bool closed = false;
};

// Plain data, so that it may be touched until the thread has quite gone; the janitor empties it.
thread_local cache blocks;

struct janitor {
    ~janitor() {
        blocks.closed = true;
        for (cache::list& list : blocks.lists) {
            while (list.first) {
                free_node* const node = list.first;
                list.first = node->next;
                ::operator delete(node);
            }
        }
    }
};

std::size_t class_of(std::size_t size) noexcept { return (size - 1) / granularity; }

}  // namespace

void* allocate_block(std::size_t size) {
    const std::size_t index = class_of(size);
    if (index >= classes) return ::operator new(size);
    cache::list& list = blocks.lists[index];
    if (free_node* const node = list.first) {
        list.first = node->next;
        --list.count;
        return node;
    }
    return ::operator new((index + 1) * granularity);
}

void free_block(void* block, std::size_t size) noexcept {
    const std::size_t index = class_of(size);
    if (index >= classes) {
        ::operator delete(block);
        return;
    }
    cache::list& list = blocks.lists[index];
    if (list.count >= most_of_a_class || blocks.closed) {
        ::operator delete(block);
        return;
    }
    static thread_local janitor on_exit;
    static_cast<void>(on_exit);
    list.first = ::new (block) free_node{list.first};
    ++list.count;
}

#endif

}  // namespace brio::inline v0::detail
