// SPDX-License-Identifier: BSL-1.0
// The loop: order of callbacks, timers, turns, running and stopping.
#include "unit/core/capture.hpp"

#include <brio/detail/mailbox.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <dirent.h>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::counted;

std::size_t open_descriptor_count() {
    std::size_t count = 0;
    DIR* const folder = ::opendir("/proc/self/fd");
    while (::readdir(folder)) ++count;
    ::closedir(folder);
    return count;
}

BRIO_TEST_FIFO(loop, LOOP_1_callbacks_run_in_order_each_once) {
    std::string order;
    auto& loop = brio::get_running_loop();
    for (const char name : {'a', 'b', 'c'}) loop.call_soon([&order, name] { order += name; });
    co_await brio::sleep(0s);
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "abc");
}

BRIO_TEST(loop, LOOP_1_arguments_are_moved_in_and_out) {
    int seen = 0;
    auto value = std::make_unique<int>(5);
    brio::get_running_loop().call_soon(
        [](int& out, std::unique_ptr<int> given) { out = *given; }, std::ref(seen), std::move(value));
    co_await brio::sleep(0s);
    EXPECT_EQ(seen, 5);
}

BRIO_TEST_FIFO(loop, LOOP_2_what_a_callback_queues_runs_in_the_next_turn) {
    std::string order;
    auto& loop = brio::get_running_loop();
    loop.call_soon([&] {
        order += "a";
        loop.call_soon([&order] { order += "c"; });
    });
    loop.call_soon([&order] { order += "b"; });
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "ab");
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "abc");
}

// asyncio polls between any two turns, brio at the latest after 64 steps (see doc/guide/differences.md).
BRIO_TEST(loop, LOOP_2_busy_tasks_do_not_keep_io_from_being_polled) {
    std::atomic<bool> polled{false};
    boost::asio::post(brio::get_running_loop().context(), [&polled] { polled = true; });
    int turns = 0;
    for (; !polled && turns < 1000; ++turns) co_await brio::sleep(0s);
    EXPECT_LE(turns, 65);
}

BRIO_TEST(loop, LOOP_2_busy_tasks_do_not_keep_timers_from_firing) {
    bool fired = false;
    brio::get_running_loop().call_later(0s, [&fired] { fired = true; });
    int turns = 0;
    for (; !fired && turns < 1000; ++turns) co_await brio::sleep(0s);
    EXPECT_LE(turns, 65);
}

BRIO_TEST_REAL_TIME(loop, LOOP_3_call_soon_threadsafe_wakes_a_sleeping_loop) {
    brio::event woken;
    auto& loop = brio::get_running_loop();
    const auto begin = std::chrono::steady_clock::now();
    std::thread other([&] {
        std::this_thread::sleep_for(20ms);  // the loop sleeps by now, or this test is weaker
        loop.call_soon_threadsafe([&woken] { woken.set(); });
    });
    co_await brio::wait_for(woken.wait(), 9s);
    other.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s);
}

BRIO_TEST_FIFO(loop, LOOP_4_from_the_loops_own_thread_there_is_one_order) {
    std::string order;
    auto& loop = brio::get_running_loop();
    loop.call_soon([&order] { order += "a"; });
    loop.call_soon_threadsafe([&order] { order += "b"; });
    loop.call_soon([&order] { order += "c"; });
    loop.call_soon_threadsafe([&order] { order += "d"; });
    co_await brio::sleep(0s);
    EXPECT_EQ(order, "abcd");
}

BRIO_TEST_WITH(loop, LOOP_3_calls_of_one_thread_keep_their_order, brio::testing::case_options().real_time().fifo()) {
    constexpr int count = 20'000;
    std::vector<int> seen;
    brio::event all;
    auto& loop = brio::get_running_loop();
    std::thread other([&] {
        for (int i = 0; i < count; ++i) {
            loop.call_soon_threadsafe([&, i] {
                seen.push_back(i);
                if (i == count - 1) all.set();
            });
        }
    });
    co_await all.wait();
    other.join();
    BRIO_ASSERT_EQ(seen.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) BRIO_ASSERT_EQ(seen[static_cast<std::size_t>(i)], i);
}

BRIO_TEST_FIFO(loop, a_timer_set_for_the_past_fires_in_the_next_turn_after_what_is_queued) {
    std::string order;
    auto& loop = brio::get_running_loop();
    co_await brio::sleep(1s);
    loop.call_at(loop.time() - 1s, [&] { order += "overdue "; });
    loop.call_later(0s, [&] { order += "now "; });
    loop.call_soon([&] { order += "soon "; });
    for (int turn = 0; turn < 3; ++turn) {
        co_await brio::sleep(0s);
        order += "turn ";
    }
    EXPECT_EQ(order, "soon turn overdue now turn turn ");
}

BRIO_TEST(loop, LOOP_7_a_callback_that_cancels_itself_runs_to_its_end) {
    brio::handle handle;
    bool ended = false;
    handle = brio::get_running_loop().call_soon_threadsafe([&] {
        handle.cancel();
        ended = true;
    });
    co_await brio::sleep(0s);
    EXPECT_TRUE(ended);
    EXPECT_TRUE(handle.cancelled());
}

BRIO_TEST(loop, LOOP_11_cancelled_handles_are_skipped) {
    int calls = 0;
    auto& loop = brio::get_running_loop();
    auto soon = loop.call_soon([&calls] { ++calls; });
    auto later = loop.call_later(1s, [&calls] { ++calls; });
    soon.cancel();
    later.cancel();
    EXPECT_TRUE(soon.cancelled());
    EXPECT_TRUE(later.cancelled());
    EXPECT_EQ(loop.scheduler().timer_count(), 0U) << "a cancelled timer keeps the loop from sleeping";
    co_await brio::sleep(2s);
    EXPECT_EQ(calls, 0);
}

BRIO_TEST(loop, LOOP_11_a_timer_cancelled_after_it_fired_but_before_it_ran_is_skipped) {
    int calls = 0;
    auto& loop = brio::get_running_loop();
    brio::timer_handle second;
    loop.call_later(1s, [&] { second.cancel(); });
    second = loop.call_later(1s, [&calls] { ++calls; });
    co_await brio::sleep(2s);
    EXPECT_EQ(calls, 0);
}

BRIO_TEST(loop, LOOP_13_timers_run_by_time_and_cancel_is_idempotent) {
    std::string order;
    auto& loop = brio::get_running_loop();
    loop.call_later(3s, [&order] { order += "c"; });
    loop.call_later(1s, [&order] { order += "a"; });
    auto dropped = loop.call_later(2s, [&order] { order += "x"; });
    loop.call_at(loop.time() + 2s, [&order] { order += "b"; });
    EXPECT_EQ(dropped.when(), loop.time() + 2s);
    dropped.cancel();
    dropped.cancel();
    co_await brio::sleep(4s);
    EXPECT_EQ(order, "abc");
    dropped.cancel();
}

BRIO_TEST_FIFO(loop, LOOP_13_equal_deadlines_run_in_the_order_of_the_calls) {
    std::string order;
    auto& loop = brio::get_running_loop();
    const auto when = loop.time() + 1s;
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) loop.call_at(when, [&order, name] { order += name; });
    co_await brio::sleep(2s);
    EXPECT_EQ(order, "abcde");
}

BRIO_TEST_REAL_TIME(loop, LOOP_14_tiny_sleeps_do_not_spin) {
    auto& scheduler = brio::get_running_loop().scheduler();
    const auto before = scheduler.steps;
    for (const double length : {1e-3, 1e-5, 1e-7, 1e-9, 1e-10}) {
        co_await brio::sleep(std::chrono::duration<double>(length));
    }
    EXPECT_LE(scheduler.steps - before, 20U);
}

TEST(loop, LOOP_15_stop_ends_the_loop_after_the_current_turn) {
    brio::loop loop;
    std::string order;
    loop.call_soon([&] {
        order += "a";
        loop.stop();
        loop.call_soon([&order] { order += "next "; });
    });
    loop.call_soon([&order] { order += "b "; });
    loop.run_forever();
    EXPECT_EQ(order, "ab ");
    EXPECT_FALSE(loop.is_running());
    loop.call_soon([&loop] { loop.stop(); });
    loop.run_forever();
    EXPECT_EQ(order, "ab next ");
}

TEST(loop, LOOP_16_stop_before_run_forever_gives_exactly_one_turn) {
    brio::loop loop;
    std::string order;
    loop.call_soon([&] {
        order += "one ";
        loop.call_soon([&order] { order += "two "; });
    });
    loop.call_later(1h, [] {});
    loop.stop();
    loop.run_forever();
    EXPECT_EQ(order, "one ");
    loop.stop();
    loop.run_forever();
    EXPECT_EQ(order, "one two ");
}

TEST(loop, LOOP_17_what_io_brought_before_a_stop_is_not_handled_twice) {
    brio::loop loop;
    int handled = 0;
    boost::asio::post(loop.context(), [&] {
        ++handled;
        loop.stop();
    });
    loop.run_forever();
    EXPECT_EQ(handled, 1);
    loop.call_soon([&loop] { loop.stop(); });
    loop.run_forever();
    EXPECT_EQ(handled, 1);
}

BRIO_TEST(loop, LOOP_19_a_loop_inside_a_loop_is_an_error) {
    brio::loop inner;
    brio::loop& outer = brio::get_running_loop();
    EXPECT_THROW(inner.run_forever(), brio::loop_error);
    EXPECT_EQ(&brio::get_running_loop(), &outer);
    EXPECT_THROW(outer.run_forever(), brio::loop_error);
    co_await brio::sleep(0s);
    EXPECT_EQ(&brio::get_running_loop(), &outer);
}

TEST(loop, LOOP_21_a_run_is_not_disturbed_by_the_leftovers_of_a_failed_one) {
    brio::runner runner;
    std::string order;
    const auto leftover = [&order]() -> awaitable<> {
        co_await brio::sleep(1ms);
        order += "leftover ";
    };
    const auto first = [&leftover]() -> awaitable<> {
        create_task(leftover);
        co_await brio::sleep(0s);
        throw std::runtime_error("first");
    };
    const auto second = [&order]() -> awaitable<int> {
        co_await brio::sleep(5ms);
        order += "second ";
        co_return 2;
    };
    EXPECT_THROW(runner.run(first()), std::runtime_error);
    const int value = runner.run(second());
    EXPECT_EQ(value, 2);
    EXPECT_EQ(order, "leftover second ");
}

TEST(loop, LOOP_22_RUN_31_a_run_stopped_before_main_is_done_is_an_error) {
    brio::runner runner;
    std::string order;
    const auto stopping = [&order]() -> awaitable<> {
        brio::get_running_loop().stop();
        co_await brio::sleep(1ms);
        order += "main went on";
    };
    const auto waiting = []() -> awaitable<> { co_await brio::sleep(20ms); };
    EXPECT_THROW(runner.run(stopping()), brio::loop_error);
    EXPECT_EQ(order, "");
    runner.run(waiting());
    EXPECT_EQ(order, "main went on") << "the task stays pending and runs with the loop";
}

TEST(loop, LOOP_29_foreign_code_can_drive_the_loop) {
    boost::asio::io_context context;
    brio::loop loop(context);
    std::string order;
    loop.call_soon([&order] {
        order += "callback ";
        create_task([&order]() -> awaitable<> {
            order += "task ";
            co_await brio::sleep(1ms);
            order += "slept";
        });
    });
    EXPECT_EQ(order, "");
    while (order.find("slept") == order.npos) {
        if (context.stopped()) context.restart();
        context.run_one_for(1s);
    }
    EXPECT_EQ(order, "callback task slept");
    context.poll();
}

TEST(loop, LOOP_33_a_closed_loop_takes_no_calls) {
    auto made = std::make_unique<brio::loop>();
    std::shared_ptr<brio::detail::mailbox> inbox = made->scheduler().inbox();
    made.reset();
    struct node final : brio::detail::ready_node {
        void run() noexcept override { ADD_FAILURE() << "ran after the loop was closed"; }
        void drop() noexcept override { ADD_FAILURE() << "the node is still the caller's"; }
    } late;
    EXPECT_FALSE(inbox->put(late));
    EXPECT_FALSE(late.is_queued());
}

TEST(loop, LOOP_34_descriptors_are_released_by_close) {
    brio::run([]() -> awaitable<> { co_await brio::sleep(1ms); });
    const std::size_t before = open_descriptor_count();
    for (int i = 0; i < 20; ++i) {
        brio::run([]() -> awaitable<> {
            co_await brio::sleep(1us);
            co_await brio::to_thread([] {});
        });
    }
    EXPECT_EQ(open_descriptor_count(), before);
}

TEST(loop, callbacks_that_never_ran_are_dropped_with_the_loop) {
    int live = 0;
    int calls = 0;
    brio::handle soon;
    brio::timer_handle later;
    {
        brio::loop loop;
        soon = loop.call_soon([here = counted(live), &calls] { ++calls; });
        later = loop.call_later(1h, [here = counted(live), &calls] { ++calls; });
        loop.call_soon_threadsafe([here = counted(live), &calls] { ++calls; });
        EXPECT_EQ(live, 3);
    }
    soon.cancel();
    later.cancel();
    soon = brio::handle();
    later = brio::timer_handle();
    EXPECT_EQ(live, 0) << "captures of callbacks leaked";
    EXPECT_EQ(calls, 0);
}

TEST(loop, a_run_drops_the_timers_that_main_left_behind) {
    int live = 0;
    int calls = 0;
    brio::run([&]() -> awaitable<> {
        brio::get_running_loop().call_later(1h, [here = counted(live), &calls] { ++calls; });
        brio::get_running_loop().call_soon([here = counted(live), &calls] { ++calls; });
        co_return;
    });
    EXPECT_EQ(live, 0);
}

TEST(loop, the_clock_is_steady_and_real) {
    brio::loop loop;
    const auto begin = loop.time();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
    EXPECT_GE(loop.time(), begin);
}

TEST(loop, run_until_complete_gives_the_value_or_throws) {
    brio::loop loop;
    const auto number = [](int value) -> awaitable<int> {
        co_await brio::sleep(0s);
        if (value < 0) throw std::runtime_error("negative");
        co_return value;
    };
    EXPECT_EQ(loop.run_until_complete(number(3)), 3);
    EXPECT_EQ(loop.run_until_complete(number(4)), 4);
    EXPECT_THROW(loop.run_until_complete(number(-1)), std::runtime_error);
}

TEST(loop, LOOP_20_run_until_complete_refuses_a_task_of_another_loop) {
    brio::loop one;
    brio::loop other;
    brio::task<int> task;
    const auto make = [&task]() -> awaitable<> {
        const auto answer = []() -> awaitable<int> { co_return 1; };
        task = brio::create_task(answer);
        co_return;
    };
    one.run_until_complete(make());
    EXPECT_THROW(static_cast<void>(other.run_until_complete(task)), brio::loop_error);
    EXPECT_EQ(one.run_until_complete(task), 1);
}

TEST(loop, RUN_31_a_task_whose_run_was_stopped_can_be_run_on) {
    brio::loop loop;
    brio::task<int> task;
    const auto make = [&task]() -> awaitable<> {
        const auto stop_first = []() -> awaitable<int> {
            co_await brio::sleep(1ms);  // beyond the run that makes it
            brio::get_running_loop().stop();
            co_await brio::sleep(1ms);
            co_return 5;
        };
        task = brio::create_task(stop_first);
        co_return;
    };
    loop.run_until_complete(make());
    EXPECT_THROW(static_cast<void>(loop.run_until_complete(task)), brio::loop_error);
    EXPECT_EQ(loop.run_until_complete(task), 5);
}

BRIO_TEST(loop, LOOP_19_run_until_complete_inside_a_loop_starts_nothing) {
    bool begun = false;
    const auto body = [&begun]() -> awaitable<> {
        begun = true;
        co_return;
    };
    brio::loop other;
    EXPECT_THROW(other.run_until_complete(body()), brio::loop_error);
    co_await brio::sleep(0s);
    EXPECT_FALSE(begun);
}

template <class Loop>
concept can_call_later_without_a_delay = requires(Loop& loop, void (*f)()) { loop.call_later(f); };
static_assert(!can_call_later_without_a_delay<brio::loop>);

TEST(loop, LOOP_10_no_delay_does_not_compile) { EXPECT_FALSE(can_call_later_without_a_delay<brio::loop>); }

}  // namespace
