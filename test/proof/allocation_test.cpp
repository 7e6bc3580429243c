// SPDX-License-Identifier: BSL-1.0
// Steady state allocates nothing: heap allocations of the core's operations after warm-up, counted.
#include <brio/testing/test.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

// Sanitizers bring a malloc of their own; there only operator new is counted.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !defined(__has_feature)
#define BRIO_COUNT_MALLOC 1
#elif !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define BRIO_COUNT_MALLOC 1
#endif
#endif

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

#ifdef BRIO_COUNT_MALLOC
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* malloc(std::size_t size) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_realloc(block, size);
}
}
#else
void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* const block = std::malloc(size)) return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
#endif

namespace {

using namespace std::chrono_literals;
using brio::awaitable;

// Runs `round` until the caches are warm, then again, counted.
template <class Round>
awaitable<std::size_t> allocations_of(Round& round) {
    for (int i = 0; i < 200; ++i) static_cast<void>(co_await round());
    const std::size_t before = allocations;
    for (int i = 0; i < 1000; ++i) static_cast<void>(co_await round());
    co_return allocations - before;
}

BRIO_TEST(allocation, the_counter_counts) {
    const std::size_t before = allocations;
    int* volatile kept = new int(1);
    const std::size_t after = allocations;
    delete kept;
    EXPECT_EQ(after - before, 1U);
    co_return;
}

// The rounds are written without a coroutine of their own: a frame would be an allocation of the test's.
BRIO_TEST_REAL_TIME(allocation, sleep_zero) {
    const auto round = [] { return brio::sleep(0s); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
}

BRIO_TEST(allocation, sleep_with_a_timer) {
    const auto round = [] { return brio::sleep(1ms); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
}

BRIO_TEST(allocation, queue_without_waiting) {
    brio::queue<int> queue;
    for (int i = 0; i < 100; ++i) co_await queue.put(i);
    const std::size_t before = allocations;
    for (int i = 0; i < 1000; ++i) {
        co_await queue.put(i);
        co_await queue.get();
    }
    EXPECT_EQ(allocations - before, 0U);
}

BRIO_TEST_REAL_TIME(allocation, lock_between_two_tasks) {
    brio::lock lock;
    bool stop = false;
    auto other = brio::create_task([&]() -> awaitable<> {
        while (!stop) {
            const auto guard = co_await lock.acquire();
            co_await brio::sleep(0s);
        }
    });
    const auto round = [&lock] { return lock.acquire(); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
    stop = true;
    co_await other.join();
}

BRIO_TEST_REAL_TIME(allocation, event_between_two_tasks) {
    brio::event ping;
    brio::event pong;
    bool stop = false;
    auto other = brio::create_task([&]() -> awaitable<> {
        while (!stop) {
            co_await ping.wait();
            ping.clear();
            pong.set();
        }
    });
    const auto round = [&] {
        pong.clear();
        ping.set();
        return pong.wait();
    };
    EXPECT_EQ(co_await allocations_of(round), 0U);
    stop = true;
    ping.set();
    co_await other.join();
}

BRIO_TEST_REAL_TIME(allocation, semaphore_between_two_tasks) {
    brio::semaphore permits(1);
    bool stop = false;
    auto other = brio::create_task([&]() -> awaitable<> {
        while (!stop) {
            const auto guard = co_await permits.acquire();
            co_await brio::sleep(0s);
        }
    });
    const auto round = [&permits] { return permits.acquire(); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
    stop = true;
    co_await other.join();
}

// Each of the two waits until the other has made its move: a wait, a notification and the lock twice in a round.
BRIO_TEST_REAL_TIME(allocation, condition_between_two_tasks) {
    brio::condition changed;
    bool mine = true;
    bool stop = false;
    auto other = brio::create_task([&]() -> awaitable<> {
        const auto guard = co_await changed.acquire();
        while (!stop) {
            co_await changed.wait_for([&] { return !mine || stop; });
            mine = true;
            changed.notify();
        }
    });
    auto guard = co_await changed.acquire();
    const auto round = [&] {
        mine = false;
        changed.notify();
        return changed.wait_for([&mine] { return mine; });
    };
    EXPECT_EQ(co_await allocations_of(round), 0U);
    const auto plain_round = [&] {
        mine = false;
        changed.notify();
        return changed.wait();
    };
    EXPECT_EQ(co_await allocations_of(plain_round), 0U);
    stop = true;
    changed.notify();
    guard.unlock();
    co_await other.join();
}

BRIO_TEST_REAL_TIME(allocation, barrier_between_two_tasks) {
    brio::barrier meeting(2);
    bool stop = false;
    auto other = brio::create_task([&]() -> awaitable<> {
        while (!stop) static_cast<void>(co_await meeting.wait());
    });
    const auto round = [&meeting] { return meeting.wait(); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
    stop = true;
    meeting.abort();
    co_await brio::gather(brio::return_exceptions, other);
}

template <class Queue>
awaitable<> queue_rounds() {
    Queue queue(1);
    bool stop = false;
    auto consumer = brio::create_task([&]() -> awaitable<> {
        while (!stop) co_await queue.get();
    });
    const auto round = [&queue] { return queue.put(1); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
    stop = true;
    co_await queue.put(1);
    co_await consumer.join();
}

BRIO_TEST_REAL_TIME(allocation, queue_between_two_tasks) { co_await queue_rounds<brio::queue<int>>(); }
BRIO_TEST_REAL_TIME(allocation, priority_queue_between_two_tasks) { co_await queue_rounds<brio::priority_queue<int>>(); }
BRIO_TEST_REAL_TIME(allocation, lifo_queue_between_two_tasks) { co_await queue_rounds<brio::lifo_queue<int>>(); }

BRIO_TEST(allocation, joining_what_is_done) {
    auto task = brio::create_task([]() -> awaitable<int> { co_return 1; });
    co_await task.join();
    const auto round = [&task] { return task.join(); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
}

BRIO_TEST(allocation, items_of_a_generator) {
    auto numbers = brio::make_generator<int>([](brio::yielder<int> yield) -> awaitable<> {
        for (int i = 0;; ++i) co_await yield(i);
    });
    const auto round = [&numbers] { return numbers.next(); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
}

BRIO_TEST(allocation, items_through_generators_on_generators) {
    auto numbers = brio::make_generator<int>([](brio::yielder<int> yield) -> awaitable<> {
        for (int i = 0;; ++i) co_await yield(i);
    });
    auto doubled = brio::transform(std::move(numbers), [](int n) { return 2 * n; });
    auto some = brio::enumerate(brio::filter(std::move(doubled), [](int n) { return n % 4 == 0; }));
    const auto round = [&some] { return some.next(); };
    EXPECT_EQ(co_await allocations_of(round), 0U);
}

}  // namespace
