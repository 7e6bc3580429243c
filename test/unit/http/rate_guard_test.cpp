// SPDX-License-Identifier: BSL-1.0
// How long a server waits for a slow client.
#include "http/rate_guard.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using brio::http::detail::rate_guard;
using namespace std::chrono_literals;

TEST(rate_guard, a_wait_has_its_own_limit) {
    rate_guard g(30s, 0, 5s);
    EXPECT_EQ(g.patience(), 30s);
    g.waited(29s, 1);
    EXPECT_EQ(g.patience(), 30s) << "any rate will do";
    EXPECT_EQ(rate_guard(0s, 0, 5s).patience(), rate_guard::duration::max());
}

TEST(rate_guard, bytes_earn_time) {
    rate_guard g(30s, 100, 5s);
    EXPECT_EQ(g.patience(), 5s);
    g.waited(4s, 0);
    EXPECT_EQ(g.patience(), 1s);
    g.waited(1s, 150);
    EXPECT_EQ(g.patience(), 1500ms);
    g.waited(1500ms, 0);
    EXPECT_EQ(g.patience(), 0s);
    g.waited(2s, 0);
    EXPECT_EQ(g.patience(), 0s) << "never negative";
    g.waited(0s, 100'000);
    EXPECT_EQ(g.patience(), 30s) << "but no longer than for one wait";
}

TEST(rate_guard, one_byte_at_a_time_comes_to_an_end) {
    rate_guard g(30s, 240, 5s);
    rate_guard::duration total{};
    int bytes = 0;
    for (; bytes < 1000 && g.patience() >= 1s; ++bytes) {
        g.waited(1s, 1);
        total += 1s;
    }
    EXPECT_LT(bytes, 6);
}

TEST(rate_guard, the_largest_numbers_do_not_overflow) {
    rate_guard g(30s, 1, 5s);
    g.waited(1s, std::numeric_limits<std::size_t>::max());
    EXPECT_EQ(g.patience(), 30s);
    rate_guard fast(30s, std::numeric_limits<std::uint64_t>::max() / 2000, 5s);
    fast.waited(0s, std::numeric_limits<std::size_t>::max() / 2);
    EXPECT_EQ(fast.patience(), 30s);
}

}  // namespace
