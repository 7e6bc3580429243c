// SPDX-License-Identifier: BSL-1.0
// The sweep finds what is wrong, says where, and leaves alone what is right.
#include "failures_of.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <set>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::cancel_at_each_await;
using brio::testing::scenario;
using brio::testing::scenario_options;
using brio::testing::scenario_report;
using brio::testing::with_state;
using brio_test::contains;
using brio_test::failures_during;

awaitable<> two_children() {
    auto first = brio::create_task(brio::sleep(1s), "first");
    auto second = brio::create_task(brio::sleep(2s), "second");
    co_await brio::gather(first, second);
}

std::string failures_of_sweep(const scenario& body, const scenario_options& options = scenario_options()) {
    return failures_during([&] { EXPECT_TRUE(cancel_at_each_await(body, options).failed); });
}

TEST(cancel_at_each_await, passes_what_cleans_up_and_counts) {
    const scenario_report report = cancel_at_each_await(two_children);
    EXPECT_FALSE(report.failed);
    EXPECT_GT(report.injected, 10U);
    EXPECT_GT(report.runs, report.injected);
}

TEST(cancel_at_each_await, reaches_every_wait_and_both_sides_of_it) {
    struct ends {
        bool begun = false;
        int reached = 0;
    };
    std::set<std::string> seen;
    const auto body = [](ends& e) -> awaitable<> {
        e.begun = true;
        for (int i = 0; i < 3; ++i) {
            co_await brio::sleep(1s);
            ++e.reached;
        }
    };
    const auto note = [&seen](ends& e) {
        seen.insert(e.begun ? std::to_string(e.reached) + (brio::testing::injected_cancels() > 0 ? " cancelled" : " left alone")
                            : "never begun");
    };
    cancel_at_each_await(with_state<ends>(body, note));
    // "3 cancelled": the last sleep had ended when the cancel came, and nothing was left to interrupt.
    EXPECT_EQ(seen, (std::set<std::string>{"never begun", "0 cancelled", "1 cancelled", "2 cancelled", "3 cancelled",
                                           "3 left alone"}));
}

TEST(cancel_at_each_await, each_run_has_state_of_its_own) {
    struct counter {
        int value = 0;
    };
    const auto body = [](counter& c) -> awaitable<> {
        EXPECT_EQ(c.value++, 0);
        co_await brio::sleep(1s);
    };
    EXPECT_FALSE(cancel_at_each_await(with_state<counter>(body)).failed);
}

TEST(cancel_at_each_await, a_child_that_is_left_behind_is_reported_with_the_place_of_the_cancel) {
    const std::string text = failures_of_sweep([]() -> awaitable<> {
        auto child = brio::create_task(brio::sleep(1h), "forgotten child");
        co_await brio::sleep(1s);
        child.cancel();
    });
    EXPECT_TRUE(contains(text, "tasks outlive the scenario")) << text;
    EXPECT_TRUE(contains(text, "forgotten child")) << text;
    EXPECT_TRUE(contains(text, "task 'scenario' while it waited in sleep at cancel_at_each_await_test.cpp:")) << text;
}

TEST(cancel_at_each_await, a_timer_that_is_left_behind_is_reported) {
    const std::string text = failures_of_sweep([]() -> awaitable<> {
        auto timer = brio::get_running_loop().call_later(1h, [] {});
        co_await brio::sleep(1s);
        timer.cancel();
    });
    EXPECT_TRUE(contains(text, "1 timer(s) outlive the scenario")) << text;
}

TEST(cancel_at_each_await, a_descriptor_that_is_left_behind_is_reported) {
    std::set<int> opened;
    const std::string text = failures_of_sweep([&opened]() -> awaitable<> {
        const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        opened.insert(fd);
        co_await brio::sleep(1s);
        ::close(fd);
        opened.erase(fd);
    });
    for (const int fd : opened) ::close(fd);
    EXPECT_TRUE(contains(text, "descriptors outlive the scenario")) << text;
    EXPECT_TRUE(contains(text, "/dev/null")) << text;
}

TEST(cancel_at_each_await, an_invariant_that_breaks_is_reported) {
    struct account {
        int balance = 100;
        int other = 0;
    };
    const auto transfer = [](account& a) -> awaitable<> {
        a.balance -= 10;
        co_await brio::sleep(1s);
        a.other += 10;
    };
    const auto books = [](account& a) { EXPECT_EQ(a.balance + a.other, 100) << "money is lost"; };
    const std::string text = failures_of_sweep(with_state<account>(transfer, books));
    EXPECT_TRUE(contains(text, "money is lost")) << text;
    EXPECT_TRUE(contains(text, "the scenario ended with")) << text;
}

TEST(cancel_at_each_await, a_body_that_hangs_when_cancelled_is_reported_with_its_tasks) {
    const std::string text = failures_of_sweep([]() -> awaitable<> {
        brio::event never;
        try {
            co_await brio::sleep(1s);
            co_return;
        } catch (const brio::cancelled_error&) {
        }
        co_await never.wait();
    });
    EXPECT_TRUE(contains(text, "the scenario hangs")) << text;
    EXPECT_TRUE(contains(text, "event.wait()")) << text;
}

TEST(cancel_at_each_await, a_body_that_goes_round_in_circles_is_reported) {
    const auto body = []() -> awaitable<> {
        bool stop = true;
        try {
            co_await brio::sleep(1s);
        } catch (const brio::cancelled_error&) {
            stop = false;
        }
        while (!stop) co_await brio::sleep(0s);
    };
    const std::string text = failures_of_sweep(body, scenario_options().step_limit(500));
    EXPECT_TRUE(contains(text, "does not come to rest")) << text;
}

TEST(cancel_at_each_await, a_second_cancel_during_the_clean_up_is_tried) {
    struct log {
        bool cleaned = false;
        bool begun = false;
    };
    const auto body = [](log& l) -> awaitable<> {
        l.begun = true;
        bool stopped = false;
        try {
            co_await brio::sleep(1s);
        } catch (const brio::cancelled_error&) {
            stopped = true;
        }
        if (stopped) co_await brio::sleep(1s);  // not shielded: the second cancel ends it
        l.cleaned = true;
    };
    const auto check = [](log& l) { EXPECT_TRUE(l.cleaned || !l.begun) << "not cleaned up"; };
    const std::string text = failures_of_sweep(with_state<log>(body, check));
    EXPECT_TRUE(contains(text, "and again in the next turn")) << text;
}

TEST(cancel_at_each_await, cancels_inside_a_step_at_a_cancel_point) {
    std::set<int> seen;
    const auto body = [&seen]() -> awaitable<> {
        co_await brio::sleep(1s);
        brio::testing::cancel_point();
        seen.insert(brio::current_task().cancelling());
        co_await brio::sleep(1s);
    };
    cancel_at_each_await(body);
    EXPECT_TRUE(seen.contains(1));
    EXPECT_TRUE(seen.contains(2)) << "twice at once";
    brio::testing::cancel_point();  // outside of a sweep: nothing
    EXPECT_EQ(brio::testing::injected_cancels(), 0);
}

TEST(cancel_at_each_await, cancels_the_other_tasks_when_asked) {
    std::set<std::string> hit;
    const auto body = [&hit]() -> awaitable<> {
        const auto child = [](std::set<std::string>& names) -> awaitable<> {
            try {
                co_await brio::sleep(1s);
            } catch (const brio::cancelled_error&) {
                if (brio::current_task().cancelling() > 0) names.insert(brio::current_task().name());
                throw;
            }
        };
        auto a = brio::create_task(child(hit), "a");
        auto b = brio::create_task(child(hit), "b");
        co_await brio::gather(brio::return_exceptions, a, b);
    };
    const scenario_report alone = cancel_at_each_await(body);
    const scenario_report all = cancel_at_each_await(body, scenario_options().every_task());
    EXPECT_FALSE(all.failed);
    EXPECT_GT(all.runs, 2 * alone.runs);
    EXPECT_EQ(hit, (std::set<std::string>{"a", "b"}));
}

TEST(cancel_at_each_await, leftovers_may_be_allowed) {
    struct log {
        bool ended_by_itself = false;
    };
    const auto body = [](log& l) -> awaitable<> {
        auto child = brio::create_task([](log& out) -> awaitable<> {
            co_await brio::sleep(5s);
            out.ended_by_itself = true;
        }(l));
        co_await brio::sleep(10s);
    };
    int ended = 0;
    const auto check = [&ended](log& l) { ended += l.ended_by_itself ? 1 : 0; };
    const scenario_report report = cancel_at_each_await(with_state<log>(body, check), scenario_options().allow_leftovers());
    EXPECT_FALSE(report.failed);
    EXPECT_GT(ended, 1);
}

TEST(cancel_at_each_await, checks_at_rest_while_what_is_left_still_waits) {
    struct log {
        brio::event never;
    };
    const auto body = [](log& l) -> awaitable<> {
        auto child = brio::create_task(l.never.wait(), "child");
        co_await brio::sleep(1s);
        child.cancel();
    };
    const auto check = [](log&) {
        EXPECT_EQ(brio::format_tasks(brio::get_running_loop()).find("event.wait()"), std::string::npos) << "it still waits";
    };
    const std::string text =
        failures_of_sweep(with_state<log>(body, {}, check), scenario_options().allow_leftovers());
    EXPECT_TRUE(contains(text, "it still waits")) << text;
}

TEST(cancel_at_each_await, the_plain_run_must_work) {
    const std::string text = failures_of_sweep([]() -> awaitable<> {
        co_await brio::sleep(1s);
        throw std::runtime_error("wrong from the start");
    });
    EXPECT_TRUE(contains(text, "wrong from the start")) << text;
    EXPECT_TRUE(contains(text, "in the plain run")) << text;
}

TEST(cancel_at_each_await, a_body_that_waits_for_nothing_is_cancelled_before_it_begins) {
    int begun = 0;
    const scenario_report report = cancel_at_each_await([&begun]() -> awaitable<> {
        ++begun;
        co_return;
    });
    EXPECT_FALSE(report.failed);
    EXPECT_EQ(static_cast<std::size_t>(begun), report.runs - report.injected);
}

TEST(cancel_at_each_await, a_failed_fatal_assertion_ends_the_run) {
    const std::string text = failures_of_sweep([]() -> awaitable<> {
        co_await brio::sleep(1s);
        BRIO_ASSERT_EQ(1, 2) << "never equal";
    });
    EXPECT_TRUE(contains(text, "never equal")) << text;
}

TEST(cancel_at_each_await, a_callback_that_throws_is_reported) {
    const std::string text = failures_of_sweep([]() -> awaitable<> {
        brio::get_running_loop().call_soon([] { throw std::runtime_error("thrown by a callback"); });
        co_await brio::sleep(1s);
    });
    EXPECT_TRUE(contains(text, "thrown by a callback")) << text;
}

BRIO_TEST(cancel_at_each_await, is_not_for_the_inside_of_a_loop) {
    EXPECT_THROW(cancel_at_each_await(two_children), brio::loop_error);
    co_return;
}

}  // namespace
