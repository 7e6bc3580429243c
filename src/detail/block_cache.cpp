// SPDX-License-Identifier: BSL-1.0
// Free blocks by size class: two lists ("chains") per thread, and a depot where threads exchange whole chains, one lock for
// many blocks, so that a thread which only makes what another one frees gets its blocks back.
//
// All of it is small on purpose: a crowd of blocks is better off with malloc, which puts a task and its coroutine side by
// side in memory.
#include <brio/detail/block_cache.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>

namespace brio::inline v0::detail {

#if defined(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)

void* allocate_block(std::size_t size) { return ::operator new(size); }
void free_block(void* block, std::size_t) noexcept { ::operator delete(block); }

#else

namespace {

// Class i holds blocks of 16 i + 8 bytes, which is what malloc gives without waste.
constexpr std::size_t classes = 33;
constexpr std::uint32_t full = 64;           // blocks of a chain
constexpr std::uint32_t most_in_depot = 16;  // chains of a class

struct free_node {
    free_node* next;
    free_node* next_chain;  // in the depot
};

struct chain {
    free_node* first = nullptr;
    std::uint32_t count = 0;

    void push(void* block) noexcept {
        first = ::new (block) free_node{first, nullptr};
        ++count;
    }
    void* pop() noexcept {
        free_node* const node = first;
        first = node->next;
        --count;
        return node;
    }
    void free_all() noexcept {
        while (first) ::operator delete(pop());
    }
};

// Full chains only. The count is looked at before the lock is taken: a crowd of blocks that finds the depot full, or empty,
// does not pay for it.
class depot {
public:
    [[nodiscard]] bool give(chain& from) noexcept {
        if (count_.load(std::memory_order_relaxed) >= most_in_depot) return false;
        const std::lock_guard lock(mutex_);
        from.first->next_chain = chains_;
        chains_ = std::exchange(from.first, nullptr);
        from.count = 0;
        count_.fetch_add(1, std::memory_order_relaxed);
        return true;
    }
    void take(chain& to) noexcept {
        if (count_.load(std::memory_order_relaxed) == 0) return;
        const std::lock_guard lock(mutex_);
        if (!chains_) return;
        to.first = std::exchange(chains_, chains_->next_chain);
        to.count = full;
        count_.fetch_sub(1, std::memory_order_relaxed);
    }

private:
    std::mutex mutex_;
    free_node* chains_ = nullptr;
    std::atomic<std::uint32_t> count_{0};
};

struct cache {
    struct list {
        chain in_use;
        chain spare;  // full or empty
    };
    std::array<list, classes> lists{};
    std::uint32_t limit = 0;  // of a chain: 0 until the janitor is there, and once it has been
    bool closed = false;
};

constinit std::array<depot, classes> depots;  // trivially destructible: in use as long as any thread is
constinit thread_local cache blocks;          // so is this one; the janitor empties it

struct janitor {
    ~janitor() {
        blocks.closed = true;
        blocks.limit = 0;
        for (cache::list& list : blocks.lists) {
            list.in_use.free_all();
            list.spare.free_all();
        }
    }
};

constexpr std::size_t class_of(std::size_t size) noexcept { return (size + 7) / 16; }
constexpr std::size_t size_of(std::size_t index) noexcept { return std::max(index * 16 + 8, sizeof(free_node)); }

// From when on the thread has something to give back at its end.
void prepare() noexcept {
    static thread_local janitor on_exit;
    static_cast<void>(on_exit);
    blocks.limit = full;
}

// The chain in use is empty.
void* allocate_slowly(std::size_t index) {
    cache::list& list = blocks.lists[index];
    if (!list.spare.first) {
        depots[index].take(list.spare);
        if (!list.spare.first) return ::operator new(size_of(index));
        if (blocks.limit == 0) prepare();
    }
    std::swap(list.in_use, list.spare);
    return list.in_use.pop();
}

// The chain in use is full, or it is the thread's first or last time.
void free_slowly(void* block, std::size_t index) noexcept {
    cache::list& list = blocks.lists[index];
    if (blocks.limit == 0 && !blocks.closed) prepare();
    if (list.in_use.count >= blocks.limit) {
        if (blocks.closed || (list.spare.first && !depots[index].give(list.spare))) {
            ::operator delete(block);
            return;
        }
        std::swap(list.in_use, list.spare);
    }
    list.in_use.push(block);
}

}  // namespace

void* allocate_block(std::size_t size) {
    const std::size_t index = class_of(size);
    if (index >= classes) return ::operator new(size);
    chain& free = blocks.lists[index].in_use;
    return free.first ? free.pop() : allocate_slowly(index);
}

void free_block(void* block, std::size_t size) noexcept {
    const std::size_t index = class_of(size);
    if (index >= classes) {
        ::operator delete(block);
        return;
    }
    chain& free = blocks.lists[index].in_use;
    if (free.count < blocks.limit) {
        free.push(block);
    } else {
        free_slowly(block, index);
    }
}

#endif

}  // namespace brio::inline v0::detail
