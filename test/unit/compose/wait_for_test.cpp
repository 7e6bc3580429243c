// SPDX-License-Identifier: BSL-1.0
// wait_for: values, errors and limits; what is interrupted, what is never started (asyncio.md 2.9).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::cancelled_error;
using brio::create_task;
using brio::wait_for;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::slow_to_stop;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

awaitable<> mark(bool& started) {
    started = true;
    co_return;
}

awaitable<int> swallows(int value) {
    try {
        co_await brio::sleep(1h);
    } catch (const cancelled_error&) {
    }
    co_return value;
}

awaitable<int> fails_when_stopped() {
    try {
        co_await brio::sleep(1h);
    } catch (const cancelled_error&) {
        throw std::runtime_error("clean-up failed");
    }
    co_return 0;
}

BRIO_TEST(wait_for, gives_the_value_or_the_error_in_time) {
    EXPECT_EQ(co_await wait_for(value_after(1s, 5), 2s), 5);
    EXPECT_EQ(co_await end_of(wait_for(error_after(1s, "own"), 2s)), "own");
    co_await wait_for(brio::sleep(1s), 2s);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
}

BRIO_TEST(wait_for, WF_2_without_time_a_coroutine_never_starts) {
    bool started = false;
    EXPECT_EQ(co_await end_of(wait_for(mark(started), 0s)), "timeout");
    EXPECT_EQ(co_await end_of(wait_for(mark(started), -1s)), "timeout");
    co_await settle();
    EXPECT_FALSE(started);
}

BRIO_TEST_REAL_TIME(wait_for, WF_2_nor_does_it_by_the_real_clock) {
    bool started = false;
    EXPECT_EQ(co_await end_of(wait_for(mark(started), 0s)), "timeout");
    EXPECT_EQ(co_await end_of(wait_for(mark(started), -1ns)), "timeout");
    co_await settle();
    EXPECT_FALSE(started);
}

BRIO_TEST(wait_for, WF_2_what_was_never_started_leaves_nothing_behind) {
    const auto alive = std::make_shared<int>(0);
    auto body = [](std::shared_ptr<int>) -> awaitable<> { co_return; };
    EXPECT_EQ(co_await end_of(wait_for(body(alive), 0s)), "timeout");
    EXPECT_EQ(alive.use_count(), 1);
    EXPECT_EQ(brio::all_tasks().size(), 1U);
}

BRIO_TEST(wait_for, WF_3_without_time_a_running_task_is_cancelled_and_awaited) {
    for (const auto limit : {0s, -1s}) {
        std::string log;
        auto task = create_task(slow_to_stop(3s, log, "cleaned"));
        co_await brio::sleep(1s);
        const auto begin = now();
        EXPECT_EQ(co_await end_of(wait_for(task, limit)), "timeout");
        EXPECT_EQ(log, "cleaned");
        EXPECT_TRUE(task.cancelled());
        EXPECT_EQ(now() - begin, 3s);
    }
}

BRIO_TEST(wait_for, WF_3_a_done_task_is_no_question_of_time) {
    auto task = create_task(value_after(1s, 4));
    co_await brio::sleep(2s);
    EXPECT_EQ(co_await wait_for(task, 0s), 4);
    EXPECT_EQ(co_await wait_for(task, 1s), 4);
    EXPECT_EQ(task.result(), 4);
}

BRIO_TEST(wait_for, WF_4_at_the_deadline_the_inner_has_been_cancelled_and_has_cleaned_up) {
    const auto begin = now();
    std::string log;
    auto task = create_task(slow_to_stop(0s, log, "cleaned"));
    EXPECT_EQ(co_await end_of(wait_for(task, 2s)), "timeout");
    EXPECT_EQ(now() - begin, 2s);
    EXPECT_EQ(log, "cleaned");
    EXPECT_TRUE(task.cancelled());
    EXPECT_EQ(task.cancelling(), 1);
    EXPECT_EQ(brio::current_task().cancelling(), 0);
}

BRIO_TEST(wait_for, WF_5_a_clean_up_takes_as_long_as_it_takes) {
    const auto begin = now();
    std::string log;
    EXPECT_EQ(co_await end_of(wait_for(slow_to_stop(1h, log, "cleaned"), 1s)), "timeout");
    EXPECT_EQ(log, "cleaned");
    EXPECT_EQ(now() - begin, 1h + 1s);
}

BRIO_TEST(wait_for, WF_6_no_limit_is_plain_waiting) {
    EXPECT_EQ(co_await wait_for(value_after(24h, 9), std::nullopt), 9);
    auto task = create_task(value_after(1s, 1));
    EXPECT_EQ(co_await wait_for(task, std::nullopt), 1);
    EXPECT_EQ(co_await end_of(wait_for(error_after(1s, "own"), std::nullopt)), "own");
}

BRIO_TEST(wait_for, WF_7_an_inner_that_swallows_the_cancel_and_returns_wins) {
    EXPECT_EQ(co_await wait_for(swallows(8), 1s), 8);
    auto task = create_task(swallows(9));
    co_await brio::sleep(0s);
    EXPECT_EQ(co_await wait_for(task, 0s), 9);
}

BRIO_TEST(wait_for, WF_8_an_error_during_clean_up_wins) {
    EXPECT_EQ(co_await end_of(wait_for(fails_when_stopped(), 1s)), "clean-up failed");
    auto task = create_task(fails_when_stopped());
    co_await brio::sleep(0s);
    EXPECT_EQ(co_await end_of(wait_for(task, 0s)), "clean-up failed");
}

// asyncio raises CancelledError at once and the value stays in the inner; brio delivers it first.
BRIO_TEST(wait_for, WF_11_a_cancel_when_the_inner_is_done_is_not_swallowed) {
    auto inner = create_task(value_after(1s, 42));
    std::string seen;
    auto waiting = create_task([&]() -> awaitable<> {
        seen = std::to_string(co_await wait_for(inner, 1min));
        co_await brio::sleep(1h);
    });
    // Registered before `waiting` waits, so it runs when that is woken and has not run.
    inner.add_done_callback([&waiting](const brio::task_handle&) { waiting.cancel("late"); });
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(late)");
    EXPECT_EQ(seen, "42");
    EXPECT_EQ(inner.result(), 42) << "and the inner keeps its value";
    EXPECT_EQ(inner.cancelling(), 0);
}

BRIO_TEST(wait_for, WF_11_a_cancel_while_waiting_cancels_the_inner_and_is_thrown) {
    std::string log;
    auto waiting = create_task([&log]() -> awaitable<> { co_await wait_for(slow_to_stop(1s, log, "cleaned"), 1h); });
    co_await brio::sleep(1s);
    waiting.cancel("outside");
    EXPECT_EQ(log, "");
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(log, "cleaned");
    EXPECT_TRUE(waiting.cancelled());
}

BRIO_TEST(wait_for, WF_11_a_cancel_before_the_start_starts_nothing) {
    bool started = false;
    auto waiting = create_task([&started]() -> awaitable<> { co_await wait_for(mark(started), 1h); });
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_FALSE(started);
}

BRIO_TEST(wait_for, WF_11_a_request_made_before_it_starts_nothing_either) {
    bool started = false;
    auto waiting = create_task([&started]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await wait_for(mark(started), 1h);
    });
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(early)");
    co_await settle();
    EXPECT_FALSE(started);
}

BRIO_TEST(wait_for, WF_11_a_request_made_before_it_cancels_a_task_as_a_join_does) {
    auto inner = create_task(brio::sleep(1h));
    auto waiting = create_task([&inner]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await wait_for(inner, 2h);
    });
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(early)");
    EXPECT_TRUE(inner.cancelled());
    inner.cancel();
}

BRIO_TEST(wait_for, WF_12_a_result_set_by_a_callback_in_time) {
    brio::event done;
    brio::get_running_loop().call_later(1s, [&done] { done.set(); });
    EXPECT_EQ(co_await end_of(wait_for(done.wait(), 1100ms)), "done");
}

BRIO_TEST(wait_for, WF_12_a_tie_loses_nothing_in_either_order) {
    for (const bool item_first : {true, false}) {
        brio::queue<int> items;
        auto put = [&items] { items.put_nowait(1); };
        auto& loop = brio::get_running_loop();
        const auto when = loop.time() + 1s;
        if (item_first) loop.call_at(when, put);
        auto waiting = create_task(wait_for(items.get(), 1s));
        co_await settle();
        if (!item_first) loop.call_at(when, put);
        const std::string end = co_await end_of(waiting.join());
        co_await settle();
        EXPECT_EQ(items.qsize(), end == "1" ? 0U : 1U) << end;
    }
}

// python/asyncio#343: a queue's item must not vanish when the wait for it times out.
TEST(wait_for, report_23_no_item_is_lost_to_timeouts) {
    brio::testing::for_seeds(0, 60, []() -> awaitable<> {
        brio::queue<int> items(2);
        std::vector<int> got;
        auto producer = create_task([&items]() -> awaitable<> {
            for (int i = 0; i < 60; ++i) {
                co_await items.put(i);
                if (i % 3 == 0) co_await brio::sleep(std::chrono::milliseconds(i % 7));
            }
            items.shutdown();
        });
        auto consume = [](brio::queue<int>& from, std::vector<int>& into, std::chrono::milliseconds limit) -> awaitable<> {
            for (;;) {
                bool closed = false;
                try {
                    into.push_back(co_await wait_for(from.get(), limit));
                } catch (const brio::timeout_error&) {
                } catch (const brio::queue_shutdown&) {
                    closed = true;
                }
                if (closed) co_return;
            }
        };
        co_await brio::gather(consume(items, got, 1ms), consume(items, got, 2ms), consume(items, got, 3ms), producer);
        std::sort(got.begin(), got.end());
        BRIO_ASSERT_EQ(got.size(), 60U);
        for (int i = 0; i < 60; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], i);
    });
}

// python/cpython#86296: whenever the cancel comes, around the end of the inner, the task ends cancelled.
TEST(wait_for, report_22_a_cancel_is_never_swallowed) {
    brio::testing::for_seeds(0, 40, []() -> awaitable<> {
        for (int turn = 0; turn < 12; ++turn) {
            brio::event signal;
            auto waiting = create_task([&signal]() -> awaitable<> {
                co_await wait_for(signal.wait(), 1h);
                for (;;) co_await brio::sleep(1h);
            });
            brio::get_running_loop().call_later(1s, [&signal] { signal.set(); });
            co_await brio::sleep(1s);
            for (int i = 0; i < turn; ++i) co_await brio::sleep(0s);
            EXPECT_TRUE(waiting.cancel());
            EXPECT_EQ(co_await end_of(waiting.join()), "cancelled") << turn;
        }
    });
}

// asyncio awaits a coroutine in the caller's own task; brio gives it one, so that nobody guesses whose cancel it was.
BRIO_TEST(wait_for, WF_16_a_coroutine_runs_as_a_task_of_its_own) {
    const auto self = brio::current_task();
    bool same = true;
    auto body = [](brio::task_handle outer, bool& equal) -> awaitable<> {
        co_await brio::sleep(0s);
        equal = brio::current_task() == outer;
    };
    co_await wait_for(body(self, same), 1s);
    EXPECT_FALSE(same);
    EXPECT_EQ(brio::all_tasks().size(), 1U) << "and the task ends with the wait";
}

BRIO_TEST(wait_for, nested_with_one_deadline_times_out_once) {
    EXPECT_EQ(co_await end_of(wait_for(wait_for(brio::sleep(1h), 1s), 1s)), "timeout");
    EXPECT_EQ(co_await end_of(wait_for(wait_for(brio::sleep(1h), 2s), 1s)), "timeout");
    EXPECT_EQ(co_await end_of(wait_for(wait_for(brio::sleep(1h), 1s), 2s)), "timeout");
}

BRIO_TEST(wait_for, two_may_wait_for_one_task_and_each_gets_the_value) {
    auto task = create_task(value_after(1s, 6));
    EXPECT_EQ((co_await brio::gather(wait_for(task, 2s), wait_for(task, 3s))), std::tuple(6, 6));
}

BRIO_TEST(wait_for, move_only_values_and_temporaries_survive_g12) {
    auto make = [](std::string text, std::shared_ptr<int>) -> awaitable<std::unique_ptr<std::string>> {
        co_await brio::sleep(1s);
        co_return std::make_unique<std::string>(text);
    };
    const auto alive = std::make_shared<int>(0);
    const auto text = co_await wait_for(make("x" + std::string(40, 'y'), alive), 2s);
    EXPECT_EQ(*text, "x" + std::string(40, 'y'));
    EXPECT_EQ(co_await end_of(wait_for(make(std::string(40, 'z'), alive), 0s)), "timeout");
    EXPECT_EQ(alive.use_count(), 1);
}

BRIO_TEST(wait_for, a_nan_limit_is_an_error) {
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(co_await wait_for(brio::sleep(1s), nan), std::invalid_argument);
}

BRIO_TEST(wait_for, an_endless_limit_is_none) {
    EXPECT_EQ(co_await wait_for(value_after(24h, 3), std::chrono::hours::max()), 3);
}

}  // namespace
