// SPDX-License-Identifier: BSL-1.0
// Calls that make several tasks and fail half-way, by an argument or for want of a task: nobody could wait for those made
// before, so they are stopped, and no noise comes of them (asyncio.md GAT-14).
#include "unit/compose/lazy_and_eager.hpp"
#include "unit/compose/no_task_after.hpp"
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio_test::no_task_after;
using brio_test::settle;
using brio_test::text_of;

constexpr std::chrono::duration<double> nan_seconds(std::numeric_limits<double>::quiet_NaN());

/// Fails a little later, if nobody stops it.
awaitable<int> noisy(std::string& log, char name) {
    log += name;
    co_await brio::sleep(1s);
    log += '!';
    throw std::runtime_error("noise");
}

/// What `call` throws, and that nothing is left of it.
template <class F>
awaitable<std::string> failure_of(F call, std::string& log) {
    brio_test::reports reports;
    std::string text = "nothing";
    try {
        call();
    } catch (...) {
        text = text_of(std::current_exception());
    }
    co_await settle();
    EXPECT_EQ(brio::all_tasks().size(), 1U) << text;
    co_await brio::sleep(5s);
    EXPECT_EQ(reports.size(), 0U) << text;
    EXPECT_EQ(log.find('!'), std::string::npos) << log;
    EXPECT_TRUE(log.empty() || brio_test::tasks_are_eager()) << log << ": those that have not begun never begin";
    co_return text;
}

std::vector<awaitable<int>> three(std::string& log) {
    std::vector<awaitable<int>> made;
    for (const char name : {'a', 'b', 'c'}) made.push_back(noisy(log, name));
    return made;
}

BRIO_TEST_LAZY_AND_EAGER(half_way, GAT_14_a_gather_without_enough_tasks) {
    std::string log;
    const auto single = [&log] {
        const no_task_after limit(2);
        static_cast<void>(brio::gather(noisy(log, 'a'), noisy(log, 'b'), noisy(log, 'c')));
    };
    EXPECT_EQ(co_await failure_of(single, log), "no more tasks");
    const auto range = [&log] {
        const no_task_after limit(2);
        static_cast<void>(brio::gather(three(log)));
    };
    EXPECT_EQ(co_await failure_of(range, log), "no more tasks");
}

BRIO_TEST_LAZY_AND_EAGER(half_way, GAT_14_a_bad_argument_behind_good_ones) {
    std::string log;
    const brio::task<int> none;
    const std::string empty = "this task handle is empty: it was default-constructed or moved from";
    const auto gathers = [&] { static_cast<void>(brio::gather(noisy(log, 'a'), none)); };
    EXPECT_EQ(co_await failure_of(gathers, log), empty);
    const auto races = [&] { static_cast<void>(brio::race(noisy(log, 'a'), none)); };
    EXPECT_EQ(co_await failure_of(races, log), empty);
    const auto waits = [&] { static_cast<void>(brio::wait(noisy(log, 'a'), none)); };
    EXPECT_EQ(co_await failure_of(waits, log), empty);
    const auto iterates = [&] { static_cast<void>(brio::as_completed(noisy(log, 'a'), none)); };
    EXPECT_EQ(co_await failure_of(iterates, log), empty);
}

BRIO_TEST_LAZY_AND_EAGER(half_way, the_others_without_enough_tasks) {
    std::string log;
    const auto race_same = [&log] {
        const no_task_after limit(2);
        static_cast<void>(brio::race(noisy(log, 'a'), noisy(log, 'b'), noisy(log, 'c')));
    };
    EXPECT_EQ(co_await failure_of(race_same, log), "no more tasks");
    const auto race_mixed = [&log] {
        const no_task_after limit(1);
        static_cast<void>(brio::race(noisy(log, 'a'), brio::sleep(1h)));
    };
    EXPECT_EQ(co_await failure_of(race_mixed, log), "no more tasks");
    const auto race_range = [&log] {
        const no_task_after limit(2);
        static_cast<void>(brio::race(three(log)));
    };
    EXPECT_EQ(co_await failure_of(race_range, log), "no more tasks");
    const auto wait = [&log] {
        const no_task_after limit(2);
        static_cast<void>(brio::wait(three(log)));
    };
    EXPECT_EQ(co_await failure_of(wait, log), "no more tasks");
    const auto as_completed = [&log] {
        const no_task_after limit(2);
        static_cast<void>(brio::as_completed(three(log)));
    };
    EXPECT_EQ(co_await failure_of(as_completed, log), "no more tasks");
}

BRIO_TEST_LAZY_AND_EAGER(half_way, a_limit_that_is_none) {
    std::string log;
    const auto wait = [&log] { static_cast<void>(brio::wait(noisy(log, 'a'), noisy(log, 'b'), nan_seconds)); };
    EXPECT_EQ(co_await failure_of(wait, log), "a delay must not be NaN");
    const auto as_completed = [&log] { static_cast<void>(brio::as_completed(noisy(log, 'a'), nan_seconds)); };
    EXPECT_EQ(co_await failure_of(as_completed, log), "a delay must not be NaN");
}

// Tasks of the caller's are the caller's.
BRIO_TEST_LAZY_AND_EAGER(half_way, tasks_that_were_given_run_on) {
    auto given = brio::create_task(brio_test::value_after(1s, 7));
    std::string log;
    {
        const no_task_after limit(0);
        EXPECT_THROW(static_cast<void>(brio::gather(given, noisy(log, 'a'))), std::runtime_error);
        EXPECT_THROW(static_cast<void>(brio::race(given, noisy(log, 'a'))), std::runtime_error);
        EXPECT_THROW(static_cast<void>(brio::wait(given, noisy(log, 'a'))), std::runtime_error);
        EXPECT_THROW(static_cast<void>(brio::as_completed(given, noisy(log, 'a'))), std::runtime_error);
    }
    EXPECT_EQ(co_await given.join(), 7);
    EXPECT_EQ(given.cancelling(), 0);
}

}  // namespace
