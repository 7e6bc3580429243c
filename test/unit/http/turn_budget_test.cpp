// SPDX-License-Identifier: BSL-1.0
// When a reader gives way.
#include "http/turn_budget.hpp"

#include <gtest/gtest.h>

namespace {

using brio::http::detail::turn_budget;

constexpr turn_budget::clock::time_point begin{};

void spend_all_but_one(turn_budget& b) {
    for (unsigned i = 1; i < turn_budget::most_pieces; ++i) EXPECT_FALSE(b.spend(begin));
}

TEST(turn_budget, a_turn_has_so_many_pieces) {
    turn_budget b;
    for (int turn = 0; turn < 3; ++turn) {
        spend_all_but_one(b);
        EXPECT_TRUE(b.spend(begin));
    }
}

TEST(turn_budget, whoever_waited_has_a_new_turn) {
    turn_budget b;
    spend_all_but_one(b);
    b.rest();
    spend_all_but_one(b);
    EXPECT_TRUE(b.spend(begin));
}

TEST(turn_budget, pieces_that_take_long_end_a_turn_sooner) {
    turn_budget b;
    auto now = begin;
    for (int turn = 0; turn < 3; ++turn) {
        EXPECT_FALSE(b.spend(now));
        EXPECT_FALSE(b.spend(now + turn_budget::longest / 2));
        now += turn_budget::longest;
        EXPECT_TRUE(b.spend(now));
    }
}

}  // namespace
