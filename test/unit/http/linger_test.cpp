// SPDX-License-Identifier: BSL-1.0
// When a reader looks again before it waits.
#include "http/linger.hpp"

#include <gtest/gtest.h>

namespace {

using brio::http::detail::linger;

linger in_a_large_body() {
    linger l;
    l.count(linger::large_body);
    return l;
}

// How many reads wait at once, before one looks again.
unsigned skipped(linger& l) {
    unsigned reads = 0;
    while (!l.pays()) ++reads;
    return reads;
}

void miss(linger& l, unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
        EXPECT_TRUE(l.pays());
        l.in_vain();
    }
}

TEST(linger, only_a_large_body_pays) {
    linger l;
    EXPECT_FALSE(l.pays());
    l.count(linger::large_body - 1);
    EXPECT_FALSE(l.pays());
    l.count(linger::large_piece);
    EXPECT_TRUE(l.pays());
}

TEST(linger, small_pieces_do_not_pay) {
    linger l = in_a_large_body();
    l.count(linger::large_piece - 1);
    EXPECT_FALSE(l.pays()) << "a peer that sends little by little is waited for";
    l.count(linger::large_piece);
    EXPECT_TRUE(l.pays());
    l.count(0);
    EXPECT_FALSE(l.pays()) << "the read failed";
}

TEST(linger, some_misses_are_forgiven) {
    linger l = in_a_large_body();
    miss(l, linger::most_misses - 1);
    EXPECT_TRUE(l.pays());
    l.found();
    miss(l, linger::most_misses - 1);
    EXPECT_TRUE(l.pays()) << "what was found starts the count again";
}

TEST(linger, what_is_in_vain_becomes_rare) {
    linger l = in_a_large_body();
    miss(l, linger::most_misses);
    for (unsigned expected = 1; expected <= linger::most_skipped; expected *= 2) {
        EXPECT_EQ(skipped(l), expected);
        l.in_vain();
    }
    EXPECT_EQ(skipped(l), linger::most_skipped) << "but never ends";
    l.found();
    miss(l, linger::most_misses);
    EXPECT_EQ(skipped(l), 1u) << "one success, and all is as at first";
}

}  // namespace
