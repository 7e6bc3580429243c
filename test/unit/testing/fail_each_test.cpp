// SPDX-License-Identifier: BSL-1.0
// Faults in every call, once and for good; what the code under test makes of them.
#include "failures_of.hpp"

#include <memory_resource>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::fail_each;
using brio::testing::fault_points;
using brio::testing::scenario_options;
using brio::testing::scenario_report;
using brio::testing::with_state;
using brio_test::contains;
using brio_test::failures_during;

awaitable<> write(const char* name) {
    fault_points::check(name);
    co_await brio::sleep(1s);
}

awaitable<> three_writes() {
    co_await write("a");
    co_await write("b");
    co_await write("a");
}

TEST(fail_each, fails_each_call_alone_and_with_all_after_it) {
    const scenario_report report = fail_each(three_writes);
    EXPECT_FALSE(report.failed);
    EXPECT_EQ(report.runs, 1U + 3U + 3U);
    EXPECT_EQ(report.injected, 6U);
    EXPECT_EQ(fail_each(three_writes, scenario_options().once_only()).runs, 4U);
    EXPECT_EQ(fail_each(three_writes, scenario_options().only("a")).runs, 1U + 2U + 2U);
}

TEST(fail_each, throws_an_error_that_names_the_call) {
    std::set<std::string> texts;
    const auto body = [&texts]() -> awaitable<> {
        try {
            co_await three_writes();
        } catch (const brio::testing::injected_fault& e) {
            texts.insert(e.what());
        }
    };
    fail_each(body);
    EXPECT_EQ(texts, (std::set<std::string>{"injected fault: call 1, 'a'", "injected fault: call 2, 'b'",
                                            "injected fault: call 3, 'a'"}));
}

TEST(fail_each, throws_the_error_that_was_chosen) {
    int caught = 0;
    const auto body = [&caught]() -> awaitable<> {
        try {
            co_await write("disk");
        } catch (const std::out_of_range&) {
            ++caught;
        }
    };
    fail_each(body, scenario_options().fault(std::make_exception_ptr(std::out_of_range("disk full"))));
    EXPECT_EQ(caught, 2);
}

TEST(fail_each, a_broken_invariant_is_reported_with_the_call_that_failed) {
    struct store {
        int entries = 0;
        int index = 0;
    };
    const auto add = [](store& s) -> awaitable<> {
        co_await write("entries");
        ++s.entries;
        co_await write("index");
        ++s.index;
    };
    const auto check = [](store& s) { EXPECT_EQ(s.entries, s.index) << "no index for the entry"; };
    const std::string text = failures_during([&] { EXPECT_TRUE(fail_each(with_state<store>(add, check)).failed); });
    EXPECT_TRUE(contains(text, "no index for the entry")) << text;
    EXPECT_TRUE(contains(text, "fault in call 2, 'index'; the scenario ended with brio::testing::injected_fault")) << text;
}

TEST(fail_each, a_retry_that_survives_one_fault_but_not_a_lasting_one_is_told_apart) {
    const auto body = []() -> awaitable<> {
        while (fault_points::fails("connect")) co_await brio::sleep(1s);
    };
    EXPECT_FALSE(fail_each(body, scenario_options().once_only()).failed);
    const std::string text = failures_during([&] { EXPECT_TRUE(fail_each(body).failed); });
    EXPECT_TRUE(contains(text, "the scenario hangs")) << text;
    EXPECT_TRUE(contains(text, "call 1 and all after it, 'connect'")) << text;
}

TEST(fail_each, a_task_left_behind_by_a_fault_is_reported) {
    const auto body = []() -> awaitable<> {
        auto child = brio::create_task(brio::sleep(1h), "orphan");
        co_await write("log");
        child.cancel();
    };
    const std::string text = failures_during([&] { EXPECT_TRUE(fail_each(body).failed); });
    EXPECT_TRUE(contains(text, "orphan")) << text;
}

TEST(fail_each, memory_that_runs_out_is_a_fault_point) {
    int out_of_memory = 0;
    const auto body = [&out_of_memory]() -> awaitable<> {
        std::pmr::vector<int> numbers(fault_points::memory());
        try {
            for (int i = 0; i < 10; ++i) numbers.push_back(i);
        } catch (const std::bad_alloc&) {
            ++out_of_memory;
        }
        co_return;
    };
    const scenario_report report = fail_each(body, scenario_options().once_only());
    EXPECT_EQ(out_of_memory, 5) << "1, 2, 4, 8, 16";
    EXPECT_EQ(report.runs, 6U);
}

TEST(fail_each, points_in_threads_count) {
    const auto body = []() -> awaitable<> {
        co_await brio::to_thread([] { fault_points::check("in a thread"); });
    };
    EXPECT_EQ(fail_each(body).injected, 2U);
}

TEST(fail_each, a_scenario_without_fault_points_is_a_failure) {
    const auto body = []() -> awaitable<> { co_await brio::sleep(1s); };
    const std::string text = failures_during([&] { EXPECT_TRUE(fail_each(body).failed); });
    EXPECT_TRUE(contains(text, "no fault point was called")) << text;
}

TEST(fail_each, points_do_nothing_outside_of_it) {
    fault_points::check("nobody listens");
    EXPECT_FALSE(fault_points::fails("nobody listens"));
    std::pmr::vector<int> numbers({1, 2, 3}, fault_points::memory());
    EXPECT_EQ(numbers.size(), 3U);
}

}  // namespace
