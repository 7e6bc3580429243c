// SPDX-License-Identifier: BSL-1.0
// How a test ends: by failure, by a foreign exception, with tasks left behind.
#include "failures_of.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::case_options;
using brio::testing::run_case;
using brio_test::contains;
using brio_test::failures_of;

struct on_exit {
    std::string& trace;
    const char* text;
    ~on_exit() { trace += text; }
};

class noted_fixture {
public:
    noted_fixture(std::string& trace, bool fails) : trace_(trace) {
        if (fails) throw std::runtime_error("no such table");
        trace_ += "set up ";
    }
    noted_fixture(const noted_fixture&) = delete;
    noted_fixture& operator=(const noted_fixture&) = delete;
    ~noted_fixture() { trace_ += "torn down "; }

private:
    std::string& trace_;
};

TEST(run_case, TEST_2_a_fixture_that_cannot_be_set_up_ends_the_test_and_the_earlier_ones_are_torn_down) {
    std::string trace;
    const std::string text = failures_of([&trace]() -> awaitable<> {
        const noted_fixture first(trace, false);
        const noted_fixture second(trace, true);
        trace += "body ";
        co_await brio::sleep(0s);
    });
    EXPECT_EQ(trace, "set up torn down ");
    EXPECT_TRUE(contains(text, "no such table")) << text;
}

TEST(run_case, TEST_3_fixtures_in_the_body_are_torn_down_when_the_test_fails) {
    std::string trace;
    const std::string text = failures_of([&trace]() -> awaitable<> {
        const on_exit outer{trace, "outer"};
        const on_exit inner{trace, "inner "};
        co_await brio::sleep(1s);
        BRIO_ASSERT_TRUE(false) << "on purpose";
        trace += "went on ";
    });
    EXPECT_EQ(trace, "inner outer");
    EXPECT_TRUE(contains(text, "on purpose")) << text;
}

TEST(run_case, TEST_3_code_under_test_does_not_swallow_a_failed_assertion) {
    const std::string text = failures_of([]() -> awaitable<> {
        try {
            BRIO_ASSERT_EQ(1, 2);
        } catch (const std::exception&) {
            ADD_FAILURE() << "swallowed";
        }
        co_return;
    });
    EXPECT_FALSE(contains(text, "swallowed")) << text;
}

TEST(run_case, TEST_4_several_failures_are_all_counted) {
    const std::string text = failures_of([]() -> awaitable<> {
        EXPECT_TRUE(false) << "first";
        co_await brio::sleep(0s);
        EXPECT_TRUE(false) << "second";
        brio::create_task(brio::sleep(1h), "left behind");
    });
    EXPECT_TRUE(contains(text, "first")) << text;
    EXPECT_TRUE(contains(text, "second")) << text;
    EXPECT_TRUE(contains(text, "left behind")) << text;
}

TEST(run_case, TEST_6_tasks_left_behind_are_cancelled) {
    bool cancelled = false;
    const auto body = [&cancelled]() -> awaitable<> {
        brio::create_task([&cancelled]() -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
                cancelled = true;
            }
        });
        co_await brio::sleep(0s);
    };
    EXPECT_EQ(failures_of(body, case_options().allow_leftovers()), "");
    EXPECT_TRUE(cancelled);
    EXPECT_TRUE(contains(failures_of(body), "tasks outlive the test"));
}

TEST(run_case, TEST_7_what_the_body_awaits_into_a_guard_is_held_until_the_test_ends) {
    brio::lock shared;
    bool held = false;
    const auto body = [&]() -> awaitable<> {
        const auto guard = co_await shared.acquire();
        co_await brio::sleep(1h);
        held = shared.locked();
        BRIO_ASSERT_TRUE(false) << "on purpose";
    };
    EXPECT_TRUE(contains(failures_of(body), "on purpose"));
    EXPECT_TRUE(held);
    EXPECT_FALSE(shared.locked());
}

TEST(run_case, TEST_8_each_case_has_a_loop_of_its_own_and_chooses_its_clock) {
    brio::loop::time_point first;
    brio::loop::time_point second;
    run_case([&first]() -> awaitable<> {
        first = brio::get_running_loop().time();
        co_await brio::sleep(24h);
    });
    run_case([&second]() -> awaitable<> {
        second = brio::get_running_loop().time();
        co_return;
    });
    EXPECT_EQ(first, second) << "virtual time starts anew";
    run_case(
        []() -> awaitable<> {
            const auto real = std::chrono::steady_clock::now();
            EXPECT_LT(brio::get_running_loop().time() - real, 60s);
            co_return;
        },
        case_options().real_time());
}

TEST(run_case, TEST_9_an_exception_of_any_type_ends_the_test_properly) {
    bool cancelled = false;
    const std::string text = failures_of([&cancelled]() -> awaitable<> {
        brio::create_task([&cancelled]() -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
                cancelled = true;
            }
        });
        co_await brio::sleep(0s);
        throw 5;
    });
    EXPECT_TRUE(contains(text, "the test body threw")) << text;
    EXPECT_TRUE(cancelled);
}

TEST(run_case, TEST_9_a_cancel_that_leaves_the_body_is_a_failure) {
    const std::string text = failures_of([]() -> awaitable<> {
        brio::current_task().cancel("stop the test");
        co_await brio::sleep(1s);
    });
    EXPECT_TRUE(contains(text, "stop the test")) << text;
}

}  // namespace
