// SPDX-License-Identifier: BSL-1.0
// The virtual clock from inside a test: reading it, and letting time pass.
#include "failures_of.hpp"

#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::advance;
using brio::testing::current_clock;

// Notes its name `steps` times, each a turn later.
awaitable<> note(std::string& trace, char name, std::chrono::seconds delay, int steps) {
    co_await brio::sleep(delay);
    for (int i = 0; i < steps; ++i) {
        trace += name;
        co_await brio::sleep(0s);
    }
}

BRIO_TEST(advance, runs_what_is_due_up_to_and_at_the_moment_with_all_that_follows) {
    std::string trace;
    auto early = brio::create_task(note(trace, 'a', 1s, 2));
    const auto begin = current_clock().now();
    auto due = brio::create_task([](std::string& out) -> awaitable<> {
        co_await brio::sleep(0s);
        co_await note(out, 'b', 2s, 5);
    }, std::ref(trace));
    auto later = brio::create_task(note(trace, 'c', 3s, 1));
    co_await advance(2s);
    EXPECT_EQ(trace, "aabbbbb");
    EXPECT_EQ(current_clock().now() - begin, 2s);
    EXPECT_TRUE(due.done());
    EXPECT_FALSE(later.done());
    co_await advance(1s);
    EXPECT_EQ(trace, "aabbbbbc");
    EXPECT_EQ(current_clock().now() - begin, 3s);
    co_await brio::gather(early, due, later);
}

BRIO_TEST(advance, by_nothing_runs_what_can_run_without_time_passing) {
    std::string trace;
    auto busy = brio::create_task(note(trace, 'a', 0s, 10));
    const auto begin = current_clock().now();
    co_await advance(0s);
    EXPECT_TRUE(busy.done());
    co_await advance(-5s);
    EXPECT_EQ(current_clock().now(), begin);
}

BRIO_TEST(advance, passes_every_deadline_on_the_way_at_its_time) {
    std::vector<std::chrono::seconds> seen;
    const auto begin = current_clock().now();
    auto ticker = brio::create_task([](std::vector<std::chrono::seconds>& out, auto start) -> awaitable<> {
        for (int i = 0; i < 3; ++i) {
            co_await brio::sleep(1s);
            out.push_back(std::chrono::duration_cast<std::chrono::seconds>(current_clock().now() - start));
        }
    }, std::ref(seen), begin);
    co_await advance(24h);
    EXPECT_EQ(seen, std::vector({1s, 2s, 3s}));
    EXPECT_EQ(current_clock().elapsed(), 24h);
    EXPECT_TRUE(ticker.done());
}

BRIO_TEST(advance, waits_for_thread_jobs) {
    bool came_back = false;
    auto job = brio::create_task([](bool& done) -> awaitable<> {
        co_await brio::to_thread([] { std::this_thread::sleep_for(20ms); });
        done = true;
    }, std::ref(came_back));
    co_await advance(1s);
    EXPECT_TRUE(came_back);
    co_await job.join();
}

BRIO_TEST(advance, in_several_tasks_each_to_its_own_time) {
    std::string trace;
    const auto step = [](std::string& out, char name, std::chrono::seconds delay) -> awaitable<> {
        co_await advance(delay);
        out += name;
        EXPECT_EQ(current_clock().elapsed(), delay);
    };
    co_await brio::gather(step(trace, 'c', 3s), step(trace, 'a', 1s), step(trace, 'b', 1s));
    EXPECT_EQ(trace, "abc");
}

BRIO_TEST(advance, may_be_for_ever) {
    co_await advance(std::chrono::hours::max());
    EXPECT_GE(current_clock().elapsed(), std::chrono::hours(24 * 36500));
}

BRIO_TEST(advance, ends_at_once_when_cancelled) {
    auto waiting = brio::create_task(advance(1h));
    co_await brio::sleep(0s);
    waiting.cancel();
    co_await advance(0s);
    EXPECT_TRUE(waiting.cancelled());
    EXPECT_EQ(current_clock().elapsed(), 0s);
    auto unborn = brio::create_task(advance(1h));
    unborn.cancel();
    co_await advance(1s);
    EXPECT_TRUE(unborn.cancelled());
    EXPECT_EQ(current_clock().elapsed(), 1s);
}

TEST(advance, that_is_complete_is_delivered_before_a_cancel) {
    struct log {
        bool arrived = false;
    };
    int late_cancels = 0;
    const auto body = [](log& l) -> awaitable<> {
        co_await advance(1s);
        l.arrived = true;
    };
    const auto count = [&late_cancels](log& l) { late_cancels += l.arrived && brio::testing::injected_cancels() > 0 ? 1 : 0; };
    EXPECT_FALSE(brio::testing::cancel_at_each_await(brio::testing::with_state<log>(body, count)).failed);
    EXPECT_GT(late_cancels, 0);
}

BRIO_TEST(advance, is_shown_in_the_task_tree) {
    auto waiting = brio::create_task(advance(1h), "waiting");
    co_await advance(0s);
    EXPECT_TRUE(brio_test::contains(brio::format_tasks(brio::get_running_loop()), "advance()"));
    waiting.cancel();
    co_await advance(0s);
}

BRIO_TEST_REAL_TIME(advance, needs_the_virtual_clock) {
    std::string text;
    try {
        co_await advance(1s);
    } catch (const brio::loop_error& e) {
        text = e.what();
    }
    EXPECT_TRUE(brio_test::contains(text, "real time")) << text;
}

TEST(virtual_clock, drives_a_loop_that_the_program_makes) {
    brio::testing::virtual_clock clock;
    const auto options =
        brio::run_options().handle_sigint(false).on_loop([&clock](brio::loop& made) { clock.attach(made); });
    brio::run([]() -> awaitable<> { co_await brio::sleep(24h); }, options);
    EXPECT_EQ(clock.elapsed(), 24h);
}

TEST(virtual_clock, is_asked_for_inside_of_a_loop) { EXPECT_THROW(static_cast<void>(current_clock()), brio::loop_error); }

}  // namespace
