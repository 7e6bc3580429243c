// SPDX-License-Identifier: BSL-1.0
// queue: order, room, wake-ups, cancelled getters and putters (asyncio.md 2.19). Shutdown: queue_shutdown_test.cpp.
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::queue;
using brio_test::end_of;
using brio_test::settle;

awaitable<> take(queue<int>& from, std::vector<int>& into) { into.push_back(co_await from.get()); }

std::vector<int> drain(queue<int>& q) {
    std::vector<int> all;
    while (auto item = q.try_get()) all.push_back(*item);
    return all;
}

using ints = std::vector<int>;

BRIO_TEST(queue, Q_1_first_in_first_out) {
    queue<int> q;
    for (int i = 0; i < 100; ++i) co_await q.put(i);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(co_await q.get(), i);
    EXPECT_TRUE(q.empty());
}

BRIO_TEST(queue, Q_1_order_survives_growing_around_the_corner) {
    queue<int> q;
    int in = 0;
    int out = 0;
    for (int round = 1; round < 40; ++round) {
        for (int i = 0; i < round; ++i) q.put_nowait(in++);
        for (int i = 0; i < round - 1; ++i) BRIO_ASSERT_EQ(co_await q.get(), out++);
    }
    EXPECT_EQ(q.qsize(), static_cast<std::size_t>(in - out));
    while (auto item = q.try_get()) BRIO_ASSERT_EQ(*item, out++);
}

BRIO_TEST(queue, Q_1_sizes) {
    queue<int> q(2);
    EXPECT_EQ(q.maxsize(), 2);
    EXPECT_TRUE(q.empty());
    EXPECT_FALSE(q.full());
    co_await q.put(1);
    EXPECT_EQ(q.qsize(), 1U);
    co_await q.put(2);
    EXPECT_TRUE(q.full());
    EXPECT_FALSE(queue<int>(0).full());
    queue<int> negative(-3);
    negative.put_nowait(1);
    EXPECT_FALSE(negative.full()) << "0 or less is unbounded";
}

BRIO_TEST(queue, Q_5_and_6_with_room_and_with_items_nothing_suspends) {
    queue<int> q;
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    for (int i = 0; i < 3; ++i) co_await q.put(i);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await q.get(), i);
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(queue, Q_7_get_waits_for_an_item_also_one_put_by_a_callback) {
    queue<int> q;
    brio::get_running_loop().call_later(1s, [&q] { q.put_nowait(7); });
    const auto begin = brio::get_running_loop().time();
    EXPECT_EQ(co_await q.get(), 7);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 1s);
}

BRIO_TEST(queue, Q_7_put_waits_for_room) {
    queue<int> q(1);
    q.put_nowait(1);
    auto putter = create_task(q.put(2));
    co_await settle();
    EXPECT_FALSE(putter.done());
    EXPECT_EQ(q.get_nowait(), 1);
    co_await putter.join();
    EXPECT_EQ(co_await q.get(), 2);
}

TEST(queue, Q_9_the_nowait_calls_need_no_loop) {
    queue<std::string> q(1);
    EXPECT_THROW(q.get_nowait(), brio::queue_empty);
    q.put_nowait("a");
    EXPECT_THROW(q.put_nowait("b"), brio::queue_full);
    EXPECT_EQ(q.get_nowait(), "a");
    EXPECT_TRUE(q.try_put("c"));
    std::string kept = "d";
    EXPECT_FALSE(q.try_put(std::move(kept)));
    EXPECT_EQ(kept, "d") << "it was not moved from";
    EXPECT_EQ(q.try_get(), "c");
    EXPECT_EQ(q.try_get(), std::nullopt);
}

BRIO_TEST(queue, Q_10_taking_an_item_wakes_one_putter) {
    queue<int> q(1);
    q.put_nowait(0);
    auto a = create_task(q.put(1));
    auto b = create_task(q.put(2));
    co_await settle();
    EXPECT_EQ(co_await q.get(), 0);
    co_await settle();
    EXPECT_TRUE(a.done());
    EXPECT_FALSE(b.done());
    EXPECT_EQ(co_await q.get(), 1);
    EXPECT_EQ(co_await q.get(), 2);
    co_await brio::gather(a, b);
}

BRIO_TEST(queue, Q_11_the_first_getter_cancelled_while_waiting) {
    queue<int> q;
    ints got;
    auto a = create_task(take(q, got));
    auto b = create_task(take(q, got));
    co_await settle();
    a.cancel();
    q.put_nowait(5);
    co_await b.join();
    EXPECT_EQ(got, ints{5});
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
}

BRIO_TEST(queue, Q_12_a_cancelled_getter_passes_the_item_on) {
    queue<int> q;
    ints got;
    auto a = create_task(take(q, got));
    auto b = create_task(take(q, got));
    co_await settle();
    q.put_nowait(5);  // announced to a
    a.cancel();
    co_await b.join();
    EXPECT_EQ(got, ints{5});
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_TRUE(q.empty());
}

BRIO_TEST(queue, Q_12_without_another_getter_the_item_stays) {
    queue<int> q;
    ints got;
    auto a = create_task(take(q, got));
    co_await settle();
    q.put_nowait(5);
    a.cancel();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_TRUE(got.empty());
    EXPECT_EQ(q.get_nowait(), 5);
}

BRIO_TEST(queue, Q_14_a_cancelled_putter_puts_nothing_and_passes_the_room_on) {
    queue<int> q(1);
    q.put_nowait(0);
    auto a = create_task(q.put(1));
    auto b = create_task(q.put(2));
    co_await settle();
    EXPECT_EQ(q.get_nowait(), 0);  // room announced to a
    a.cancel();
    co_await b.join();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_EQ(q.qsize(), 1U);
    auto retry = create_task(q.put(1));
    co_await settle();
    EXPECT_EQ(co_await q.get(), 2);
    co_await retry.join();
    EXPECT_EQ(drain(q), ints{1});
}

BRIO_TEST(queue, Q_15_one_of_several_putters_cancelled) {
    queue<int> q(1);
    q.put_nowait(0);
    auto a = create_task(q.put(1));
    auto b = create_task(q.put(2));
    auto c = create_task(q.put(3));
    co_await settle();
    b.cancel();
    ints got;
    for (int i = 0; i < 3; ++i) got.push_back(co_await q.get());
    const ints expected = {0, 1, 3};
    EXPECT_EQ(got, expected);
    EXPECT_EQ(co_await end_of(b.join()), "cancelled");
    co_await brio::gather(a, c);
}

BRIO_TEST(queue, Q_17_cancelling_a_putter_that_is_off_the_list) {
    queue<int> q(1);
    q.put_nowait(0);
    auto a = create_task(q.put(1));
    co_await settle();
    EXPECT_EQ(q.get_nowait(), 0);
    a.cancel("too late to put");
    EXPECT_EQ(co_await end_of(a.join()), "cancelled(too late to put)");
    EXPECT_TRUE(q.empty());
    co_await q.put(9);
    EXPECT_EQ(co_await q.get(), 9);
}

BRIO_TEST(queue, Q_19_draining_wakes_all_putters_that_fit) {
    queue<int> q(3);
    for (int i = 0; i < 3; ++i) q.put_nowait(i);
    std::vector<brio::task<>> putters;
    for (int i = 3; i < 8; ++i) putters.push_back(create_task(q.put(i)));
    co_await settle();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(q.get_nowait(), i);
    co_await settle();
    EXPECT_EQ(q.qsize(), 3U);
    EXPECT_TRUE(putters[2].done());
    EXPECT_FALSE(putters[3].done());
    for (int i = 3; i < 8; ++i) EXPECT_EQ(co_await q.get(), i);
    co_await brio::gather(putters);
}

BRIO_TEST(queue, Q_20_a_woken_getter_looks_again) {
    queue<int> q;
    ints got;
    auto a = create_task(take(q, got));
    co_await settle();
    q.put_nowait(1);
    EXPECT_EQ(q.get_nowait(), 1);  // taken before a ran
    co_await settle();
    EXPECT_FALSE(a.done());
    q.put_nowait(2);
    co_await a.join();
    EXPECT_EQ(got, ints{2});
}

BRIO_TEST(queue, Q_20_and_a_woken_putter_too) {
    queue<int> q(1);
    q.put_nowait(0);
    auto a = create_task(q.put(1));
    co_await settle();
    EXPECT_EQ(q.get_nowait(), 0);
    q.put_nowait(2);  // the room is gone before a ran
    co_await settle();
    EXPECT_FALSE(a.done());
    EXPECT_EQ(co_await q.get(), 2);
    co_await a.join();
    EXPECT_EQ(co_await q.get(), 1);
}

BRIO_TEST(queue, Q_20_a_getter_that_waits_on_can_still_be_cancelled) {
    queue<int> q;
    ints got;
    auto a = create_task(take(q, got));
    co_await settle();
    q.put_nowait(1);
    EXPECT_EQ(q.get_nowait(), 1);
    co_await settle();
    a.cancel();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    q.put_nowait(2);
    EXPECT_EQ(q.qsize(), 1U);
}

BRIO_TEST(queue, Q_22_join_returns_when_every_item_was_marked_done) {
    queue<int> q;
    co_await q.join();  // nothing was put
    for (int i = 0; i < 3; ++i) q.put_nowait(i);
    auto joining = create_task(q.join());
    auto another = create_task(q.join());
    for (int i = 0; i < 3; ++i) {
        co_await settle();
        EXPECT_FALSE(joining.done());
        EXPECT_EQ(co_await q.get(), i);
        q.task_done();
    }
    co_await brio::gather(joining, another);
    q.put_nowait(1);
    auto again = create_task(q.join());
    co_await settle();
    EXPECT_FALSE(again.done()) << "new work, new waiting";
    q.task_done();
    co_await again.join();
}

BRIO_TEST(queue, Q_22_workers_that_are_cancelled_after_the_join) {
    queue<int> q;
    int sum = 0;
    auto work = [&]() -> awaitable<> {
        for (;;) {
            const int item = co_await q.get();
            co_await brio::sleep(std::chrono::milliseconds(item));
            sum += item;
            q.task_done();
        }
    };
    std::vector<brio::task<>> workers;
    for (int i = 0; i < 3; ++i) workers.push_back(create_task(work));
    for (int i = 1; i <= 20; ++i) q.put_nowait(i);
    co_await q.join();
    EXPECT_EQ(sum, 210);
    for (auto& worker : workers) EXPECT_TRUE(worker.cancel());
    static_cast<void>(co_await brio::gather(brio::return_exceptions, workers));
}

BRIO_TEST(queue, Q_23_one_task_done_too_many_is_an_error) {
    queue<int> q;
    EXPECT_THROW(q.task_done(), brio::invalid_state_error);
    q.put_nowait(1);
    EXPECT_EQ(co_await q.get(), 1);
    q.task_done();
    EXPECT_THROW(q.task_done(), brio::invalid_state_error);
}

BRIO_TEST(queue, Q_30_an_unbounded_producer_that_awaits_nothing_else_starves_consumers) {
    queue<int> q;
    ints got;
    auto consumer = create_task(take(q, got));
    co_await settle();
    for (int i = 0; i < 1000; ++i) co_await q.put(i);
    EXPECT_TRUE(got.empty());
    co_await consumer.join();
    EXPECT_EQ(got, ints{0});
}

BRIO_TEST(queue, cancelled_before_it_starts) {
    queue<int> q(1);
    q.put_nowait(0);
    ints got;
    auto getter = create_task(take(q, got));
    auto putter = create_task(q.put(1));
    getter.cancel();
    putter.cancel();
    EXPECT_EQ(co_await end_of(getter.join()), "cancelled");
    EXPECT_EQ(co_await end_of(putter.join()), "cancelled");
    EXPECT_EQ(drain(q), ints{0});
}

BRIO_TEST(queue, move_only_items_and_temporaries_survive_g12) {
    queue<std::unique_ptr<int>> boxes(1);
    static_assert(!std::is_copy_constructible_v<decltype(boxes)>);
    co_await boxes.put(std::make_unique<int>(1));
    auto putter = create_task(boxes.put(std::make_unique<int>(2)));
    co_await settle();
    EXPECT_EQ(*co_await boxes.get(), 1);
    EXPECT_EQ(*co_await boxes.get(), 2);
    co_await putter.join();

    const auto alive = std::make_shared<int>(0);
    {
        queue<std::shared_ptr<int>> q(1);
        co_await q.put(std::shared_ptr<int>(alive));
        auto stuck = create_task(q.put(std::shared_ptr<int>(alive)));
        co_await settle();
        EXPECT_EQ(alive.use_count(), 3);
        stuck.cancel();
        EXPECT_EQ(co_await end_of(stuck.join()), "cancelled");
        stuck = {};
        EXPECT_EQ(alive.use_count(), 2) << "the item goes with the cancelled put";
    }
    EXPECT_EQ(alive.use_count(), 1) << "and what is left with the queue";
}

// Every item comes out exactly once, whoever is cancelled when.
TEST(queue, no_item_is_lost_or_doubled_by_cancels) {
    brio::testing::for_seeds(0, 60, []() -> awaitable<> {
        queue<int> q(2);
        ints got;
        int put = 0;
        auto produce = [&](int count) -> awaitable<> {
            for (int i = 0; i < count; ++i) {
                co_await q.put(put);
                ++put;
            }
        };
        auto consume = [&]() -> awaitable<> {
            for (;;) {
                const int item = co_await q.get();
                got.push_back(item);
            }
        };
        std::vector<brio::task<>> tasks;
        for (int i = 0; i < 3; ++i) tasks.push_back(create_task(produce(20)));
        for (int i = 0; i < 4; ++i) tasks.push_back(create_task(consume));
        for (std::size_t i : {0U, 3U, 4U}) {
            co_await settle();
            tasks[i].cancel();
        }
        co_await brio::sleep(1s);
        for (auto& task : tasks) task.cancel();
        static_cast<void>(co_await brio::gather(brio::return_exceptions, tasks));
        const std::size_t left = drain(q).size();
        EXPECT_EQ(got.size() + left, static_cast<std::size_t>(put));
        EXPECT_GE(put, 40) << "the producers that were left got all their items in";
    });
}

}  // namespace
