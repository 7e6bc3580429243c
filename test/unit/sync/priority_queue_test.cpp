// SPDX-License-Identifier: BSL-1.0
// priority_queue: the lowest first, and everything else as in queue (asyncio.md 2.19).
#include "unit/sync/queue_kinds.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using brio::create_task;
using brio::priority_queue;
using brio_test::end_of;
using brio_test::settle;

BRIO_TEST(priority_queue, Q_1_the_lowest_first) {
    priority_queue<int> q;
    for (const int item : {1, 3, 2, 9, -4, 3}) co_await q.put(item);
    for (const int item : {-4, 1, 2, 3, 3, 9}) EXPECT_EQ(co_await q.get(), item);
    EXPECT_TRUE(q.empty());
}

BRIO_TEST(priority_queue, equal_items_keep_their_order) {
    struct job {
        job(int level, std::string text) : priority(level), name(std::move(text)) {}
        int priority;
        std::string name;
        bool operator<(const job& other) const noexcept { return priority < other.priority; }
    };
    priority_queue<job> q;
    for (const char* name : {"a", "b", "c", "d", "e"}) co_await q.put(job(1, name));
    co_await q.put(job(0, "first"));
    co_await q.put(job(1, "f"));
    std::string order;
    while (auto next = q.try_get()) order += next->name;
    EXPECT_EQ(order, "firstabcdef");
}

BRIO_TEST(priority_queue, an_order_of_ones_own) {
    priority_queue<int, std::greater<int>> highest;
    for (const int item : {1, 3, 2}) highest.put_nowait(item);
    for (const int item : {3, 2, 1}) EXPECT_EQ(co_await highest.get(), item);

    int digit = 10;
    const auto by_digit = [&digit](int a, int b) { return a % digit < b % digit; };
    priority_queue<int, decltype(by_digit)> last_digit(0, by_digit);
    for (const int item : {19, 21, 5}) last_digit.put_nowait(item);
    for (const int item : {21, 5, 19}) EXPECT_EQ(last_digit.get_nowait(), item);
}

BRIO_TEST(priority_queue, Q_20_a_woken_getter_takes_the_lowest_of_all_that_are_there_when_it_runs) {
    priority_queue<int> q;
    auto getter = create_task(q.get());
    co_await settle();
    q.put_nowait(5);
    q.put_nowait(1);
    EXPECT_EQ(co_await getter.join(), 1);
    EXPECT_EQ(q.get_nowait(), 5);
}

BRIO_TEST(priority_queue, waits_and_cancels) { co_await brio_test::waits_and_cancels<priority_queue<int>>(); }
BRIO_TEST(priority_queue, ends) { co_await brio_test::ends<priority_queue<int>>(); }
TEST(priority_queue, nothing_is_lost_or_doubled) { brio_test::nothing_is_lost_or_doubled<priority_queue<int>>(); }

// A put (a get) that fails leaves the room (the item) to the next one who waits for it.
BRIO_TEST(priority_queue, a_comparison_that_throws_loses_neither_items_nor_wake_ups) {
    bool fail = false;
    const auto lower = [&fail](int a, int b) {
        if (fail && (a == 13 || b == 13)) throw std::runtime_error("13 cannot be compared");
        return a < b;
    };
    priority_queue<int, decltype(lower)> q(2, lower);
    q.put_nowait(1);
    q.put_nowait(2);
    fail = true;
    auto bad = create_task(q.put(13));
    auto good = create_task(q.put(3));
    co_await settle();
    EXPECT_EQ(q.get_nowait(), 1);
    EXPECT_EQ(co_await end_of(bad.join()), "13 cannot be compared");
    co_await good.join();
    EXPECT_EQ(q.qsize(), 2U);
    EXPECT_EQ(q.get_nowait(), 2);
    EXPECT_EQ(q.get_nowait(), 3);
}

BRIO_TEST(priority_queue, a_get_that_fails_leaves_the_items_to_the_others) {
    int failures = 0;
    const auto lower = [&failures](int a, int b) {
        if (failures > 0 && failures-- == 1) throw std::runtime_error("cannot compare");
        return a < b;
    };
    priority_queue<int, decltype(lower)> q(0, lower);
    auto bad = create_task(q.get());
    auto good = create_task(q.get());
    auto last = create_task(q.get());
    co_await settle();
    for (const int item : {3, 2, 1}) q.put_nowait(item);
    failures = 1;
    EXPECT_EQ(co_await end_of(bad.join()), "cannot compare");
    EXPECT_EQ(co_await good.join(), 1);
    EXPECT_EQ(co_await last.join(), 2);
    EXPECT_EQ(q.get_nowait(), 3);
}

}  // namespace
