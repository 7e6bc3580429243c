// SPDX-License-Identifier: BSL-1.0
// How a test ends: by failure, by a foreign exception, with tasks left behind.
#include <brio/testing/test.hpp>

#include <gtest/gtest-spi.h>

#include <functional>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::case_options;
using brio::testing::run_case;

std::string failures_of(const std::function<awaitable<>()>& body, const case_options& options = case_options()) {
    ::testing::TestPartResultArray parts;
    {
        ::testing::ScopedFakeTestPartResultReporter reporter(
            ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &parts);
        run_case(body, options);
    }
    std::string text;
    for (int i = 0; i < parts.size(); ++i) text += std::string(parts.GetTestPartResult(i).message()) + "\n";
    return text;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

struct on_exit {
    std::string& trace;
    const char* text;
    ~on_exit() { trace += text; }
};

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
