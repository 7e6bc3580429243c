// SPDX-License-Identifier: BSL-1.0
// Token buckets.
#include "http/rate_limiter.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::http::detail::rate_limiter;
using time_point = rate_limiter::time_point;

constexpr time_point begin{1000s};
long ms(time_point t) { return static_cast<long>((t - begin) / 1ms); }

TEST(rate_limiter, so_many_in_any_second) {
    rate_limiter limit(3, 1s);
    const auto starts = [&](time_point now, int count) {
        std::vector<long> all;
        for (int i = 0; i < count; ++i) all.push_back(ms(limit.reserve("a", now)));
        return all;
    };
    EXPECT_EQ(starts(begin, 8), (std::vector<long>{0, 0, 0, 1000, 1000, 1000, 2000, 2000}));
    EXPECT_EQ(ms(limit.reserve("b", begin)), 0) << "another key";
    EXPECT_EQ(starts(begin + 500ms, 2), (std::vector<long>{2000, 3000}));
    EXPECT_EQ(starts(begin + 9500ms, 1), (std::vector<long>{9500}));
    EXPECT_EQ(starts(begin + 9900ms, 4), (std::vector<long>{9900, 9900, 10500, 10900}));
}

TEST(rate_limiter, never_more_than_the_rate_wherever_the_span_begins) {
    rate_limiter limit(7, 1s);
    std::mt19937 random(5);
    std::vector<time_point> starts;
    time_point now = begin;
    for (int i = 0; i < 2000; ++i) {
        now += std::chrono::milliseconds(random() % 300);
        starts.push_back(limit.reserve("a", now));
        EXPECT_GE(starts.back(), now);
    }
    for (std::size_t i = 7; i < starts.size(); ++i) {
        EXPECT_GE(starts[i], starts[i - 1]);
        EXPECT_GE(starts[i] - starts[i - 7], 1s) << i;
    }
}

TEST(rate_limiter, places_that_were_not_used) {
    rate_limiter limit(1, 1s);
    EXPECT_EQ(ms(limit.reserve("a", begin)), 0);
    const time_point second = limit.reserve("a", begin);
    EXPECT_EQ(ms(second), 1000);
    limit.give_back("a", second);
    limit.give_back("a", second);
    EXPECT_EQ(ms(limit.reserve("a", begin)), 1000) << "the first one still counts";
    limit.give_back("unknown", second);
    rate_limiter two(2, 1s);
    const time_point first = two.reserve("a", begin);
    EXPECT_EQ(ms(two.reserve("a", begin)), 0);
    two.give_back("a", first);
    EXPECT_EQ(ms(two.reserve("a", begin)), 0);
    EXPECT_EQ(ms(two.reserve("a", begin)), 1000);
}

TEST(rate_limiter, a_server_that_asks_for_peace) {
    rate_limiter limit(2, 1s);
    EXPECT_EQ(ms(limit.reserve("a", begin)), 0);
    limit.hold("a", begin + 10s, begin);
    for (const long wanted : {10'000, 10'000, 11'000}) EXPECT_EQ(ms(limit.reserve("a", begin)), wanted);
    EXPECT_EQ(ms(limit.reserve("b", begin)), 0);
    limit.hold("a", begin + 1s, begin);
    EXPECT_EQ(ms(limit.reserve("a", begin)), 11'000) << "the longer pause counts";
}

TEST(rate_limiter, keys_are_forgotten) {
    rate_limiter limit(1, 1s);
    for (int i = 0; i < 100'000; ++i) limit.reserve("k" + std::to_string(i), begin + i * 100ms);
    EXPECT_LT(limit.keys(), 200u);
    rate_limiter busy(1, 1000s);
    for (int i = 0; i < 1000; ++i) busy.reserve("k" + std::to_string(i), begin);
    EXPECT_EQ(busy.keys(), 1000u) << "those that still count are kept";
}

TEST(rate_limiter, what_makes_no_sense) {
    EXPECT_THROW(rate_limiter(0, 1s), brio::http::invalid_request);
    EXPECT_THROW(rate_limiter(1, 0s), brio::http::invalid_request);
    EXPECT_THROW(rate_limiter(1, -1s), brio::http::invalid_request);
    rate_limiter extreme(4'000'000'000U, 1ns);
    EXPECT_EQ(extreme.reserve("a", begin), begin);
}

} // namespace
