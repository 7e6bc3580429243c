// SPDX-License-Identifier: BSL-1.0
// What a loop counts.
#include <brio/core/metrics.hpp>

#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::lag_histogram;
using brio::loop_metrics;
using brio_test::captured_log;

TEST(metrics, buckets_are_powers_of_two_microseconds) {
    lag_histogram lags;
    EXPECT_EQ(lags.total(), 0U);
    EXPECT_EQ(lags.percentile(0.5), 0us);
    for (const auto lag : {-5ns, 0ns, 999ns}) lags.add(lag);
    lags.add(1us);
    lags.add(1999ns);
    lags.add(2us);
    lags.add(1000us);
    lags.add(std::chrono::hours(100));
    EXPECT_EQ(lags.count(0), 3U);
    EXPECT_EQ(lags.count(1), 2U);
    EXPECT_EQ(lags.count(2), 1U);
    EXPECT_EQ(lags.count(10), 1U);
    EXPECT_EQ(lags.count(lag_histogram::buckets - 1), 1U);
    EXPECT_EQ(lags.total(), 8U);
    EXPECT_EQ(lag_histogram::upper_bound(0), 1us);
    EXPECT_EQ(lag_histogram::upper_bound(10), 1024us);
    EXPECT_EQ(lags.percentile(0.5), 2us);
    EXPECT_EQ(lags.percentile(0.875), 1024us);
    EXPECT_EQ(lags.percentile(1), std::chrono::microseconds::max());
}

awaitable<> wait_for_event(brio::event& signal) { co_await signal.wait(); }

BRIO_TEST(metrics, tasks_by_state) {
    brio::event signal;
    auto& loop = brio::get_running_loop();
    auto waiting = create_task(wait_for_event(signal));
    brio::event other;
    auto ready = create_task(wait_for_event(other));
    co_await brio::sleep(0s);
    other.set();
    auto fresh = create_task(wait_for_event(signal));
    const loop_metrics seen = loop.metrics();
    EXPECT_EQ(seen.tasks_created, 4U);
    EXPECT_EQ(seen.tasks_finished, 0U);
    EXPECT_EQ(seen.tasks_running, 1U);
    EXPECT_EQ(seen.tasks_waiting, 1U);
    EXPECT_EQ(seen.tasks_ready, 1U);
    EXPECT_EQ(seen.tasks_not_started, 1U);
    EXPECT_EQ(seen.ready, 2U);
    signal.set();
    co_await brio::gather(waiting, ready, fresh);
    EXPECT_EQ(loop.metrics().tasks_finished, 3U);
}

BRIO_TEST_FIFO(metrics, steps_turns_polls_and_depth) {
    auto& loop = brio::get_running_loop();
    const loop_metrics before = loop.metrics();
    for (int i = 0; i < 100; ++i) loop.call_soon([] {});
    EXPECT_EQ(loop.metrics().ready, 100U);
    co_await brio::sleep(0s);
    const loop_metrics after = loop.metrics();
    EXPECT_EQ(after.steps - before.steps, 101U);
    EXPECT_GE(after.turns - before.turns, 1U);
    EXPECT_GE(after.max_ready, 101U);
    EXPECT_EQ(after.ready, 0U);
    co_await brio::sleep(0s);
    EXPECT_EQ(loop.metrics().polls - after.polls, 1U) << "so long a turn is followed by a look at I/O";
}

BRIO_TEST(metrics, timers_armed_and_on_time_in_virtual_time) {
    auto& loop = brio::get_running_loop();
    auto late = create_task(brio::sleep(1h));
    co_await brio::sleep(0s);
    EXPECT_EQ(loop.metrics().timers, 1U);
    for (int i = 0; i < 10; ++i) co_await brio::sleep(1s);
    const loop_metrics seen = loop.metrics();
    EXPECT_EQ(seen.timer_lag.total(), 10U);
    EXPECT_EQ(seen.timer_lag.count(0), 10U);
    late.cancel();
    EXPECT_THROW(co_await late.join(), brio::cancelled_error);
    EXPECT_EQ(loop.metrics().timers, 0U);
}

BRIO_TEST_REAL_TIME(metrics, a_blocked_loop_shows_in_the_lags) {
    auto& loop = brio::get_running_loop();
    auto timer = create_task(brio::sleep(1ms));
    co_await brio::sleep(0s);
    std::this_thread::sleep_for(20ms);
    co_await timer.join();
    EXPECT_GE(loop.metrics().timer_lag.percentile(1), 16ms);
    // More steps than one poll serves: the rest waits for the next one.
    for (int i = 0; i < 200; ++i) loop.call_soon([i] { if (i == 0) std::this_thread::sleep_for(20ms); });
    co_await brio::sleep(0s);
    loop.call_soon([] {});
    for (int i = 0; i < 200; ++i) co_await brio::sleep(0s);
    EXPECT_GE(loop.metrics().turn_lag.percentile(1), 16ms);
}

BRIO_TEST_REAL_TIME(metrics, slow_steps_are_counted_in_debug_mode) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    loop.set_slow_step_duration(200ms);  // longer than a busy machine takes a process off its processor
    loop.call_soon([] { std::this_thread::sleep_for(220ms); });
    co_await brio::sleep(0s);
    EXPECT_EQ(loop.metrics().slow_steps, 1U);
}

}  // namespace
