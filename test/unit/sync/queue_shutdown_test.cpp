// SPDX-License-Identifier: BSL-1.0
// queue: shutdown, empty and with items, gentle and immediate (asyncio.md 2.19, Q-24 to Q-28).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::queue;
using brio_test::end_of;
using brio_test::settle;

template <class X>
awaitable<bool> is_refused(X x) {
    try {
        co_await std::move(x);
    } catch (const brio::queue_shutdown&) {
        co_return true;
    }
    co_return false;
}

BRIO_TEST(queue_shutdown, Q_24_of_an_empty_queue) {
    queue<int> q;
    auto a = create_task(is_refused(q.get()));
    auto b = create_task(is_refused(q.get()));
    co_await settle();
    EXPECT_FALSE(q.is_shutdown());
    q.shutdown();
    EXPECT_TRUE(q.is_shutdown());
    EXPECT_TRUE(co_await a.join());
    EXPECT_TRUE(co_await b.join());
    EXPECT_TRUE(co_await is_refused(q.get()));
    EXPECT_TRUE(co_await is_refused(q.put(1)));
    EXPECT_THROW(q.get_nowait(), brio::queue_shutdown);
    EXPECT_THROW(q.put_nowait(1), brio::queue_shutdown);
    EXPECT_FALSE(q.try_put(1));
    EXPECT_FALSE(q.try_get());
    co_await q.join();
    q.shutdown();
}

// boostorg asio#1236, asio#1318: what is in the queue survives its end, and blocked putters hear of it.
BRIO_TEST(queue_shutdown, Q_25_of_a_queue_with_items) {
    queue<int> q(2);
    q.put_nowait(1);
    q.put_nowait(2);
    auto putter = create_task(is_refused(q.put(3)));
    co_await settle();
    q.shutdown();
    co_await brio::sleep(0s);
    co_await brio::sleep(0s);
    EXPECT_TRUE(putter.done());
    EXPECT_TRUE(co_await putter.join());
    EXPECT_EQ(q.qsize(), 2U);
    EXPECT_EQ(co_await q.get(), 1);
    EXPECT_EQ(q.get_nowait(), 2);
    EXPECT_TRUE(co_await is_refused(q.get()));
    EXPECT_THROW(q.get_nowait(), brio::queue_shutdown);
}

BRIO_TEST(queue_shutdown, Q_25_getters_that_wait_while_the_last_item_is_on_its_way) {
    queue<int> q;
    std::vector<brio::task<int>> getters;
    for (int i = 0; i < 3; ++i) getters.push_back(create_task(q.get()));
    co_await settle();
    q.put_nowait(7);  // announced to the first
    q.shutdown();
    co_await brio::sleep(1s);
    EXPECT_EQ(co_await getters[0].join(), 7);
    EXPECT_TRUE(getters[1].done()) << "nothing will ever come: it must hear of the shutdown";
    EXPECT_TRUE(getters[2].done());
    for (auto& getter : getters) getter.cancel();
    static_cast<void>(co_await brio::gather(brio::return_exceptions, getters));
    EXPECT_EQ(getters[1].cancelled(), false);
}

BRIO_TEST(queue_shutdown, Q_25_a_getter_cancelled_with_the_last_item_leaves_it_to_the_others) {
    queue<int> q;
    auto a = create_task(q.get());
    auto b = create_task(q.get());
    co_await settle();
    q.put_nowait(7);
    q.shutdown();
    a.cancel();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_EQ(co_await b.join(), 7);
    EXPECT_TRUE(q.empty());
}

BRIO_TEST(queue_shutdown, Q_26_join_still_waits_for_the_items_taken) {
    queue<int> q;
    q.put_nowait(1);
    q.put_nowait(2);
    EXPECT_EQ(co_await q.get(), 1);
    q.shutdown();
    auto joining = create_task(q.join());
    co_await settle();
    EXPECT_FALSE(joining.done());
    EXPECT_EQ(co_await q.get(), 2);
    q.task_done();
    co_await settle();
    EXPECT_FALSE(joining.done());
    q.task_done();
    co_await joining.join();
}

BRIO_TEST(queue_shutdown, Q_27_immediate_drops_what_is_left_and_wakes_everybody) {
    const auto alive = std::make_shared<int>(0);
    queue<std::shared_ptr<int>> q(2);
    q.put_nowait(alive);
    q.put_nowait(alive);
    auto putter = create_task(is_refused(q.put(alive)));
    auto joining = create_task(q.join());
    co_await settle();
    q.shutdown(true);
    EXPECT_TRUE(q.empty());
    EXPECT_TRUE(co_await putter.join());
    co_await joining.join();
    EXPECT_TRUE(co_await is_refused(q.get()));
    putter = {};
    EXPECT_EQ(alive.use_count(), 1);
}

BRIO_TEST(queue_shutdown, Q_27_immediate_with_a_getter_whose_item_was_announced) {
    queue<int> q;
    auto getter = create_task(is_refused(q.get()));
    co_await settle();
    q.put_nowait(1);
    q.shutdown(true);
    EXPECT_TRUE(co_await getter.join());
}

BRIO_TEST(queue_shutdown, Q_28_an_item_already_taken_still_counts) {
    queue<int> q;
    q.put_nowait(1);
    q.put_nowait(2);
    EXPECT_EQ(co_await q.get(), 1);
    q.shutdown(true);
    auto joining = create_task(q.join());
    co_await settle();
    EXPECT_FALSE(joining.done());
    q.task_done();
    co_await joining.join();
    EXPECT_THROW(q.task_done(), brio::invalid_state_error);
}

BRIO_TEST(queue_shutdown, Q_28_items_marked_done_before_they_were_taken_do_not_count_twice) {
    queue<int> q;
    q.put_nowait(1);
    q.task_done();
    q.shutdown(true);
    co_await q.join();
    EXPECT_THROW(q.task_done(), brio::invalid_state_error);
}

BRIO_TEST(queue_shutdown, Q_25_gentle_then_immediate) {
    queue<int> q;
    q.put_nowait(1);
    q.shutdown();
    q.shutdown(true);
    EXPECT_TRUE(co_await is_refused(q.get()));
    co_await q.join();
}

// asio#1236 at length, and under every order of wake-ups: 100 items, then the end, for several consumers.
TEST(queue_shutdown, Q_25_all_items_come_out_before_the_end) {
    brio::testing::for_seeds(0, 40, []() -> awaitable<> {
        queue<int> q(3);
        int count = 0;
        auto consume = [&]() -> awaitable<> {
            for (bool open = true; open;) {
                try {
                    static_cast<void>(co_await q.get());
                    ++count;
                } catch (const brio::queue_shutdown&) {
                    open = false;
                }
            }
        };
        auto produce = [&]() -> awaitable<> {
            for (int i = 0; i < 100; ++i) co_await q.put(i);
            q.shutdown();
        };
        co_await brio::gather(consume(), consume(), consume(), produce());
        EXPECT_EQ(count, 100);
    });
}

}  // namespace
