// SPDX-License-Identifier: BSL-1.0
// What every kind of queue does in the same way, whatever the order of its items.
#pragma once

#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace brio_test {

/// Getters and putters wait, are served in order of arrival, and lose nothing when they are cancelled.
template <class Queue>
brio::awaitable<> waits_and_cancels() {
    Queue q(1);
    auto a = brio::create_task(q.get());
    auto b = brio::create_task(q.get());
    co_await settle();
    EXPECT_FALSE(a.done());
    q.put_nowait(5);  // announced to a
    EXPECT_THROW(q.put_nowait(6), brio::queue_full);
    a.cancel();
    EXPECT_EQ(co_await b.join(), 5);
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_THROW(q.get_nowait(), brio::queue_empty);

    q.put_nowait(0);
    auto c = brio::create_task(q.put(1));
    auto d = brio::create_task(q.put(2));
    co_await settle();
    EXPECT_EQ(q.get_nowait(), 0);  // room announced to c
    c.cancel();
    co_await d.join();
    EXPECT_EQ(co_await end_of(c.join()), "cancelled");
    EXPECT_EQ(q.qsize(), 1U);
    EXPECT_EQ(q.try_get(), 2);
    EXPECT_EQ(q.try_get(), std::nullopt);
}

/// Gentle and immediate shutdown, join and task_done.
template <class Queue>
brio::awaitable<> ends() {
    Queue q(2);
    q.put_nowait(1);
    q.put_nowait(1);
    auto putter = brio::create_task(q.put(3));
    co_await settle();
    q.shutdown();
    EXPECT_EQ(co_await end_of(putter.join()), "the queue was shut down");
    EXPECT_EQ(co_await q.get(), 1);
    auto joining = brio::create_task(q.join());
    q.task_done();
    co_await settle();
    EXPECT_FALSE(joining.done());
    q.shutdown(true);
    co_await joining.join();
    EXPECT_TRUE(q.empty());
    EXPECT_EQ(co_await end_of(q.get()), "the queue was shut down");
    EXPECT_THROW(q.task_done(), brio::invalid_state_error);
}

/// Every item comes out exactly once, whoever is cancelled when, in many schedules.
template <class Queue>
void nothing_is_lost_or_doubled() {
    brio::testing::for_seeds(0, 30, []() -> brio::awaitable<> {
        Queue q(2);
        std::vector<int> got;
        int next = 0;
        std::vector<int> put;
        auto produce = [&]() -> brio::awaitable<> {
            for (int i = 0; i < 20; ++i) {
                const int item = next++;
                co_await q.put(item);
                put.push_back(item);
            }
        };
        auto consume = [&]() -> brio::awaitable<> {
            for (;;) {
                const int item = co_await q.get();
                got.push_back(item);
            }
        };
        std::vector<brio::task<>> tasks;
        for (int i = 0; i < 3; ++i) tasks.push_back(brio::create_task(produce));
        for (int i = 0; i < 3; ++i) tasks.push_back(brio::create_task(consume));
        for (const std::size_t i : {0U, 3U}) {
            co_await settle();
            tasks[i].cancel();
        }
        co_await brio::sleep(std::chrono::seconds(1));
        for (auto& task : tasks) task.cancel();
        static_cast<void>(co_await brio::gather(brio::return_exceptions, tasks));
        while (auto item = q.try_get()) got.push_back(*item);
        std::sort(got.begin(), got.end());
        std::sort(put.begin(), put.end());
        EXPECT_EQ(got, put);
        EXPECT_GE(put.size(), 40U) << "the producers that were left got all their items in";
    });
}

}  // namespace brio_test
