// SPDX-License-Identifier: BSL-1.0
// A user's test, with brio::testing.
#include <brio/testing/test.hpp>

#include <chrono>

BRIO_TEST(consumer, sleeps_in_virtual_time) {
    const auto before = std::chrono::system_clock::now();
    co_await brio::sleep(std::chrono::hours(1));
    EXPECT_LT(std::chrono::system_clock::now() - before, std::chrono::minutes(1));
}
