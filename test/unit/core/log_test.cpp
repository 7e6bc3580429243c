// SPDX-License-Identifier: BSL-1.0
// The log sink: replaced, restored, called one at a time, never harmful.
#include <brio/core/log.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

TEST(log, goes_to_the_sink_in_force) {
    std::string seen;
    auto previous = brio::set_log_sink([&seen](brio::log_level level, std::string_view text) {
        seen += std::string(text) + (level == brio::log_level::warning ? "!" : "?");
    });
    brio::log(brio::log_level::warning, "one");
    brio::log(brio::log_level::info, "two");
    auto mine = brio::set_log_sink(previous);
    EXPECT_EQ(seen, "one!two?");
    ASSERT_TRUE(mine) << "the sink that was in force is given back";
    mine(brio::log_level::error, "three");
    EXPECT_EQ(seen, "one!two?three?");
}

TEST(log, by_default_goes_to_standard_error) {
    auto previous = brio::set_log_sink({});
    ::testing::internal::CaptureStderr();
    brio::log(brio::log_level::error, "to standard error");
    const std::string text = ::testing::internal::GetCapturedStderr();
    brio::set_log_sink(previous);
    EXPECT_NE(text.find("to standard error"), text.npos) << text;
    EXPECT_NE(text.find("brio"), text.npos) << text;
    EXPECT_NE(text.find("error"), text.npos) << text;
}

TEST(log, a_sink_that_throws_is_survived) {
    int calls = 0;
    auto previous = brio::set_log_sink([&calls](brio::log_level, std::string_view) {
        ++calls;
        throw std::runtime_error("sink");
    });
    brio::log(brio::log_level::error, "x");
    brio::log(brio::log_level::error, "y");
    brio::set_log_sink(previous);
    EXPECT_EQ(calls, 2);
}

TEST(log, what_a_sink_logs_itself_goes_to_the_default) {
    int calls = 0;
    auto previous = brio::set_log_sink([&calls](brio::log_level level, std::string_view text) {
        ++calls;
        brio::log(level, "about " + std::string(text));
    });
    ::testing::internal::CaptureStderr();
    brio::log(brio::log_level::error, "the first");
    const std::string text = ::testing::internal::GetCapturedStderr();
    brio::log(brio::log_level::error, "the second");
    brio::set_log_sink(previous);
    EXPECT_NE(text.find("about the first"), text.npos) << text;
    EXPECT_EQ(calls, 2);
}

TEST(log, a_sink_may_replace_itself) {
    std::string seen;
    auto previous = brio::set_log_sink([&seen](brio::log_level, std::string_view first) {
        brio::set_log_sink([&seen](brio::log_level, std::string_view text) { seen += "then " + std::string(text); });
        seen += std::string(first) + ", ";
    });
    brio::log(brio::log_level::error, "one");
    brio::log(brio::log_level::error, "two");
    brio::set_log_sink(previous);
    EXPECT_EQ(seen, "one, then two");
}

TEST(log, one_call_at_a_time_from_any_thread) {
    int plain = 0;  // no atomic: the promise is what keeps it right
    auto previous = brio::set_log_sink([&plain](brio::log_level, std::string_view) { ++plain; });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([] {
            for (int k = 0; k < 500; ++k) brio::log(brio::log_level::debug, "x");
        });
    }
    for (std::thread& thread : threads) thread.join();
    brio::set_log_sink(previous);
    EXPECT_EQ(plain, 2000);
}

}  // namespace
