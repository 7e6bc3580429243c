// SPDX-License-Identifier: BSL-1.0
// lifo_queue: the newest first, and everything else as in queue (asyncio.md 2.19).
#include "unit/sync/queue_kinds.hpp"

#include <memory>
#include <vector>

namespace {

using brio::lifo_queue;

BRIO_TEST(lifo_queue, Q_1_last_in_first_out) {
    lifo_queue<int> q;
    for (int i = 0; i < 100; ++i) co_await q.put(i);
    for (int i = 99; i >= 50; --i) EXPECT_EQ(co_await q.get(), i);
    co_await q.put(7);
    EXPECT_EQ(q.get_nowait(), 7);
    EXPECT_EQ(q.qsize(), 50U);
    EXPECT_EQ(q.maxsize(), 0);
}

BRIO_TEST(lifo_queue, waits_and_cancels) { co_await brio_test::waits_and_cancels<lifo_queue<int>>(); }
BRIO_TEST(lifo_queue, ends) { co_await brio_test::ends<lifo_queue<int>>(); }
TEST(lifo_queue, nothing_is_lost_or_doubled) { brio_test::nothing_is_lost_or_doubled<lifo_queue<int>>(); }

TEST(lifo_queue, items_that_can_only_be_moved) {
    lifo_queue<std::unique_ptr<int>> boxes(1);
    boxes.put_nowait(std::make_unique<int>(1));
    auto kept = std::make_unique<int>(2);
    EXPECT_FALSE(boxes.try_put(std::move(kept)));
    EXPECT_TRUE(kept) << "it was not moved from";
    EXPECT_EQ(*boxes.get_nowait(), 1);
}

}  // namespace
