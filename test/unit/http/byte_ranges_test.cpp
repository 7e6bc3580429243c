// SPDX-License-Identifier: BSL-1.0
// Range headers.
#include "http/byte_ranges.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http::detail;

// "whole", "416", or "0+5 9+1"
std::string choose(std::string_view header, std::uint64_t size = 10) {
    const range_choice got = choose_ranges(header, size);
    if (got.what == range_choice::verdict::whole) return "whole";
    if (got.what == range_choice::verdict::unsatisfiable) return "416";
    std::string text;
    for (const byte_range& r : got.ranges) text += (text.empty() ? "" : " ") + std::to_string(r.first) + "+" + std::to_string(r.size);
    return text;
}

TEST(byte_ranges, one_range) {
    EXPECT_EQ(choose("bytes=0-4"), "0+5");
    EXPECT_EQ(choose("bytes=0-0"), "0+1");
    EXPECT_EQ(choose("bytes=9-"), "9+1");
    EXPECT_EQ(choose("bytes=0-"), "0+10");
    EXPECT_EQ(choose("bytes=5-99"), "5+5") << "cut at the end";
    EXPECT_EQ(choose("bytes=-3"), "7+3");
    EXPECT_EQ(choose("bytes=-99"), "0+10");
    EXPECT_EQ(choose("BYTES = 1 - 2 "), "1+2") << "leniently";
    EXPECT_EQ(choose("bytes=18446744073709551614-18446744073709551615"), "416");
    EXPECT_EQ(choose("bytes=0-18446744073709551615"), "0+10");
}

TEST(byte_ranges, behind_the_end) {
    EXPECT_EQ(choose("bytes=10-"), "416");
    EXPECT_EQ(choose("bytes=10-20,30-"), "416");
    EXPECT_EQ(choose("bytes=-0"), "416");
    EXPECT_EQ(choose("bytes=20-30,1-1"), "1+1") << "what can be sent is sent";
    EXPECT_EQ(choose("bytes=0-", 0), "whole") << "clients that always ask for ranges";
    EXPECT_EQ(choose("bytes=-1", 0), "whole");
}

TEST(byte_ranges, several) {
    EXPECT_EQ(choose("bytes=0-0,5-6,-1"), "0+1 5+2 9+1");
    EXPECT_EQ(choose("bytes=5-6, ,0-0,"), "5+2 0+1") << "in the order that was asked for";
    EXPECT_EQ(choose("bytes=0-9,0-0"), "whole") << "more than the file";
    EXPECT_EQ(choose("bytes=0-4,5-9"), "0+5 5+5");
}

TEST(byte_ranges, what_is_malformed_is_ignored) {
    for (const char* bad : {"", "bytes", "bytes=", "bytes=,", "items=0-4", "bytes=4-3", "bytes=a-b", "bytes=1", "bytes=--1", "bytes=0-4,x", "bytes=-",
                            "bytes=0x1-2", "bytes=1-2-3", "bytes=+1-2", "bytes=99999999999999999999-"}) {
        EXPECT_EQ(choose(bad), "whole") << bad;
    }
}

TEST(byte_ranges, H_141_a_thousand_ranges_are_ignored) {
    std::string many = "bytes=0-0";
    for (int i = 1; i < 16; ++i) many += "," + std::to_string(i) + "-" + std::to_string(i);
    EXPECT_NE(choose(many, 100000), "whole");
    EXPECT_EQ(choose(many + ",90-91", 100000), "whole");
    for (int i = 16; i < 1000; ++i) many += "," + std::to_string(i) + "-" + std::to_string(i);
    EXPECT_EQ(choose(many, 100000), "whole");
}

TEST(byte_ranges, content_range_names_both_ends) { EXPECT_EQ(content_range_text({2, 3}, 10), "bytes 2-4/10"); }

}  // namespace
