// SPDX-License-Identifier: BSL-1.0
// The look-up cache and the order of addresses.
#include "io/address_order.hpp"
#include "io/cache_machine.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace brio::detail;
using namespace std::chrono_literals;

const cache_machine<int>::time_point start{1000h};

TEST(cache_machine, values_expire) {
    cache_machine<int> c;
    c.put("a:80", 1, start + 10s);
    ASSERT_NE(c.find("a:80", start), nullptr);
    EXPECT_EQ(*c.find("a:80", start + 9999ms), 1);
    EXPECT_EQ(c.find("a:80", start + 10s), nullptr);
    EXPECT_EQ(c.size(), 0u);
    EXPECT_EQ(c.find("b:80", start), nullptr);
}

TEST(cache_machine, replaces_and_erases) {
    cache_machine<std::string> c;
    c.put("a", "one", start + 10s);
    c.put("a", "two", start + 20s);
    EXPECT_EQ(c.size(), 1u);
    EXPECT_EQ(*c.find("a", start + 15s), "two");
    c.erase("a");
    c.erase("a");
    EXPECT_EQ(c.find("a", start), nullptr);
    c.put("x", "y", start + 10s);
    c.clear();
    EXPECT_EQ(c.size(), 0u);
}

TEST(cache_machine, H_095_stays_bounded_and_drops_the_least_recently_used) {
    cache_machine<int> c(3);
    for (int i = 0; i < 3; ++i) c.put(std::to_string(i), i, start + 10s);
    EXPECT_NE(c.find("0", start), nullptr);
    c.put("3", 3, start + 10s);
    EXPECT_EQ(c.find("1", start), nullptr);
    EXPECT_NE(c.find("0", start), nullptr);
    cache_machine<int> large;
    for (int i = 0; i < 100'000; ++i) large.put("host" + std::to_string(i), i, start + 10s);
    EXPECT_EQ(large.size(), 1000u);
    EXPECT_EQ(*large.find("host99999", start), 99'999);
    cache_machine<int> none(0);
    none.put("a", 1, start + 10s);
    EXPECT_EQ(none.find("a", start), nullptr);
}

TEST(address_order, interleaves_beginning_with_the_first_family) {
    const auto ordered = [](std::string families) {
        std::vector<std::string> addresses;
        for (std::size_t i = 0; i < families.size(); ++i)
            addresses.push_back(families.substr(i, 1) + std::to_string(i));
        interleave_families(addresses, [](const std::string& a) { return a[0] == '6'; });
        std::string out;
        for (const auto& a : addresses) out += a + " ";
        return out;
    };
    EXPECT_EQ(ordered(""), "");
    EXPECT_EQ(ordered("4"), "40 ");
    EXPECT_EQ(ordered("66644"), "60 43 61 44 62 ");
    EXPECT_EQ(ordered("446"), "40 62 41 ");
    EXPECT_EQ(ordered("444"), "40 41 42 ");
    EXPECT_EQ(ordered("4646"), "40 61 42 63 ");
    EXPECT_EQ(ordered("64444"), "60 41 42 43 44 ");
}

} // namespace
