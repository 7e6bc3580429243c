// SPDX-License-Identifier: BSL-1.0
// The testing kit tests itself: virtual time, assertions, deadlock and leak reports.
#include "failures_of.hpp"

#include <brio/testing/test.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::case_options;
using brio::testing::run_case;
using brio_test::contains;
using brio_test::failures_of;

BRIO_TEST(testing, a_day_of_sleep_takes_no_time) {
    const auto real = std::chrono::steady_clock::now();
    const auto begin = brio::get_running_loop().time();
    co_await brio::sleep(24h);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 24h);
    EXPECT_LT(std::chrono::steady_clock::now() - real, 5s);
}

BRIO_TEST_REAL_TIME(testing, real_time_really_passes) {
    const auto real = std::chrono::steady_clock::now();
    co_await brio::sleep(20ms);
    EXPECT_GE(std::chrono::steady_clock::now() - real, 20ms);
}

BRIO_TEST(testing, virtual_time_waits_for_thread_jobs) {
    auto timer = brio::create_task(brio::sleep(1h));
    const auto begin = brio::get_running_loop().time();
    co_await brio::to_thread([] { std::this_thread::sleep_for(20ms); });
    EXPECT_EQ(brio::get_running_loop().time() - begin, 0s);
    co_await timer.join();
}

BRIO_TEST(testing, assertions_accept_awaited_values) {
    brio::queue<int> numbers;
    numbers.put_nowait(5);
    BRIO_ASSERT_EQ(co_await numbers.get(), 5) << "never shown";
    BRIO_ASSERT_TRUE(numbers.empty());
}

TEST(testing, a_failed_assertion_ends_the_test_body) {
    bool went_on = false;
    const std::string text = failures_of([&]() -> awaitable<> {
        co_await brio::sleep(0s);
        BRIO_ASSERT_EQ(1 + 1, 3) << "arithmetic";
        went_on = true;
    });
    EXPECT_FALSE(went_on);
    EXPECT_TRUE(contains(text, "arithmetic")) << text;
    EXPECT_TRUE(contains(text, "1 + 1")) << text;
}

TEST(testing, a_deadlock_is_a_failure_that_shows_the_tasks) {
    const std::string text = failures_of([]() -> awaitable<> {
        brio::event never;
        co_await never.wait();
    });
    EXPECT_TRUE(contains(text, "deadlock")) << text;
    EXPECT_TRUE(contains(text, "event.wait()")) << text;
}

TEST(testing, a_task_that_outlives_the_test_is_a_failure) {
    const std::string text = failures_of([]() -> awaitable<> {
        brio::create_task(brio::sleep(1h), "forgotten");
        co_await brio::sleep(0s);
    });
    EXPECT_TRUE(contains(text, "tasks outlive the test")) << text;
    EXPECT_TRUE(contains(text, "forgotten")) << text;
}

TEST(testing, a_timer_that_outlives_the_test_is_a_failure) {
    const std::string text = failures_of([]() -> awaitable<> {
        brio::get_running_loop().call_later(1h, [] {});
        co_return;
    });
    EXPECT_TRUE(contains(text, "1 timer(s) outlive the test")) << text;
}

TEST(testing, a_descriptor_that_outlives_the_test_is_a_failure) {
    int fd = -1;
    const std::string text = failures_of([&]() -> awaitable<> {
        fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        co_return;
    });
    ::close(fd);
    EXPECT_TRUE(contains(text, "descriptors outlive the test")) << text;
    EXPECT_TRUE(contains(text, "/dev/null")) << text;
}

TEST(testing, an_escaping_exception_is_a_failure_with_its_text) {
    const std::string text = failures_of([]() -> awaitable<> {
        co_await brio::sleep(0s);
        throw std::runtime_error("the reason");
    });
    EXPECT_TRUE(contains(text, "std::runtime_error: the reason")) << text;
}

TEST(testing, a_failure_under_a_seed_names_it) {
    const std::string text = failures_of(
        []() -> awaitable<> {
            EXPECT_TRUE(false);
            co_return;
        },
        case_options().seed(77));
    EXPECT_TRUE(contains(text, "BRIO_TEST_SEED=77")) << text;
}

TEST(testing, the_watchdog_shows_the_tasks_of_a_test_that_hangs) {
    const std::string text = failures_of(
        []() -> awaitable<> {
            brio::event never;
            auto hanging = brio::create_task(
                [](brio::event& signal) -> awaitable<> { co_await signal.wait(); }, std::ref(never));
            hanging.set_name("hanging");
            co_await hanging.join();
        },
        case_options().real_time().watchdog(1s));
    EXPECT_TRUE(contains(text, "watchdog")) << text;
    EXPECT_TRUE(contains(text, "hanging [waiting] in event.wait()")) << text;
}

TEST(testing, a_watchdog_that_fires_before_the_body_runs_still_ends_the_test) {
    const std::string text = failures_of(
        []() -> awaitable<> {
            brio::event never;
            co_await never.wait();
        },
        case_options().real_time().watchdog(0s));
    EXPECT_TRUE(contains(text, "watchdog")) << text;
}

TEST(testing, the_watchdog_is_as_patient_as_the_environment_says) {
    const brio_test::variable patience("BRIO_TEST_PATIENCE", "100");
    const auto slow = []() -> awaitable<> { co_await brio::sleep(1200ms); };
    EXPECT_EQ(failures_of(slow, case_options().real_time().watchdog(1s)), "");
}

TEST(testing, an_impossible_patience_says_which_are_possible) {
    for (const char* const bad : {"0", "-1", "1001", "3x", "x", "1.5", " 2"}) {
        const brio_test::variable patience("BRIO_TEST_PATIENCE", bad);
        std::string text;
        try {
            brio::testing::run_case([]() -> awaitable<> { co_return; }, case_options());
        } catch (const std::invalid_argument& e) {
            text = e.what();
        }
        EXPECT_EQ(text, "BRIO_TEST_PATIENCE is '" + std::string(bad) + "': use a number from 1 to 1000");
    }
}

std::string order_under(std::uint64_t seed) {
    std::string order;
    run_case(
        [&]() -> awaitable<> {
            std::vector<awaitable<>> tasks;
            for (char name = 'a'; name <= 'h'; ++name) {
                tasks.push_back([](std::string& out, char c) -> awaitable<> {
                    co_await brio::sleep(0s);
                    out += c;
                }(order, name));
            }
            co_await brio::gather(std::move(tasks));
        },
        case_options().seed(seed));
    return order;
}

TEST(testing, a_seed_gives_one_schedule_and_seeds_differ) {
    EXPECT_EQ(order_under(1), order_under(1));
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 20; ++seed) orders.insert(order_under(seed));
    EXPECT_GT(orders.size(), 15U);
}

TEST(testing, for_seeds_runs_every_seed) {
    int runs = 0;
    brio::testing::for_seeds(10, 15, [&]() -> awaitable<> {
        ++runs;
        co_return;
    });
    EXPECT_EQ(runs, 5);
}

}  // namespace
