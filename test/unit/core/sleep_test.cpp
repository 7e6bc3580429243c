// SPDX-License-Identifier: BSL-1.0
// sleep: turns, deadlines, cancelling.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <limits>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;

BRIO_TEST_FIFO(sleep, SLP_1_sleep_zero_gives_way_exactly_once) {
    std::string order;
    brio::get_running_loop().call_soon([&order] {
        order += "first ";
        brio::get_running_loop().call_soon([&order] { order += "later "; });
    });
    co_await brio::sleep(0s);
    order += "task ";
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "first task later ");
}

BRIO_TEST(sleep, SLP_2_sleep_takes_its_time) {
    const auto begin = brio::get_running_loop().time();
    co_await brio::sleep(1500ms);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 1500ms);
    co_await brio::sleep_until(begin + 2s);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 2s);
}

BRIO_TEST_FIFO(sleep, SLP_3_a_negative_delay_is_one_turn_without_a_timer) {
    bool ran = false;
    auto task = create_task([&ran]() -> awaitable<> {
        co_await brio::sleep(-5s);
        ran = true;
    });
    co_await brio::sleep(0s);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
    EXPECT_FALSE(ran);
    co_await brio::sleep(0s);
    EXPECT_TRUE(ran);
    co_await task.join();
}

BRIO_TEST(sleep, SLP_4_nan_is_an_error) {
    const std::chrono::duration<double> nan(std::numeric_limits<double>::quiet_NaN());
    EXPECT_THROW(co_await brio::sleep(nan), std::invalid_argument);
}

BRIO_TEST(sleep, SLP_5_a_cancelled_sleep_takes_its_timer_with_it) {
    auto task = create_task(brio::sleep(1h));
    co_await brio::sleep(0s);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 1U);
    task.cancel();
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
    EXPECT_THROW(co_await task.join(), brio::cancelled_error);
}

BRIO_TEST(sleep, SLP_5_a_sleep_whose_deadline_has_passed_ends_normally) {
    bool slept = false;
    auto task = create_task([&slept]() -> awaitable<> {
        co_await brio::sleep(1s);
        slept = true;
        co_await brio::sleep(1s);
    });
    brio::get_running_loop().call_later(500ms, [&task] {
        brio::get_running_loop().call_later(500ms, [&task] { task.cancel(); });  // same deadline, behind the sleep
    });
    EXPECT_THROW(co_await task.join(), brio::cancelled_error);
    EXPECT_TRUE(slept);
}

TEST(sleep, SLP_6_a_run_with_a_sleep_takes_at_least_that_long) {
    const auto begin = std::chrono::steady_clock::now();
    brio::run([]() -> awaitable<> { co_await brio::sleep(30ms); });
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 30ms);
    EXPECT_LT(took, 10s);
}

BRIO_TEST_FIFO(sleep, equal_deadlines_wake_in_the_order_of_the_calls) {
    std::string order;
    const auto when = brio::get_running_loop().time() + 1s;
    std::vector<brio::task<>> tasks;
    for (const char name : {'a', 'b', 'c', 'd'}) {
        tasks.push_back(create_task(
            [](std::string& out, brio::loop::time_point deadline, char letter) -> awaitable<> {
                co_await brio::sleep_until(deadline);
                out += letter;
            },
            std::ref(order), when, name));
    }
    co_await brio::gather(tasks);
    EXPECT_EQ(order, "abcd");
}

BRIO_TEST(sleep, a_delay_beyond_the_clock_is_for_ever_and_can_be_cancelled) {
    auto task = create_task(brio::sleep(std::chrono::hours::max()));
    auto floating = create_task(brio::sleep(std::chrono::duration<double>(std::numeric_limits<double>::infinity())));
    co_await brio::sleep(24h * 365 * 50);
    EXPECT_FALSE(task.done());
    EXPECT_FALSE(floating.done());
    task.cancel();
    floating.cancel();
    EXPECT_THROW(co_await task.join(), brio::cancelled_error);
    EXPECT_THROW(co_await floating.join(), brio::cancelled_error);
}

BRIO_TEST(sleep, a_deadline_in_the_past_takes_a_turn) {
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    co_await brio::sleep_until(brio::get_running_loop().time() - 1s);
    EXPECT_TRUE(turned);
}

TEST(sleep, a_positive_sleep_without_a_loop_is_an_error) {
    EXPECT_THROW(static_cast<void>(brio::sleep(1s)), brio::loop_error);
}

}  // namespace

// Each turn of theirs is short, and there is always another one.
BRIO_TEST_REAL_TIME(sleep, timers_are_looked_at_between_the_turns_of_busy_tasks) {
    bool done = false;
    const auto busy = [](const bool& until) -> brio::awaitable<> {
        while (!until) {
            const auto end = std::chrono::steady_clock::now() + 5ms;
            while (std::chrono::steady_clock::now() < end) {
            }
            co_await brio::sleep(0s);
        }
    };
    const brio::task<> running = brio::create_task(busy(done));
    std::chrono::steady_clock::duration longest{};
    for (int i = 0; i < 20; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        co_await brio::sleep(5ms);
        longest = std::max(longest, std::chrono::steady_clock::now() - begin);
    }
    done = true;
    co_await running.join();
    EXPECT_LT(longest, 200ms) << "64 steps take 320 ms";
}
