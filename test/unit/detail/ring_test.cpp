// SPDX-License-Identifier: BSL-1.0
// The ring: FIFO across wrap-around and growth, no object lost or destroyed twice.
#include "unit/core/capture.hpp"

#include <brio/detail/ring.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace {

using brio::detail::ring;
using brio_test::counted;

TEST(ring, is_a_fifo_across_wrap_around) {
    ring<int> items;
    int next_in = 0;
    int next_out = 0;
    for (int round = 0; round < 50; ++round) {
        for (int i = 0; i < 11; ++i) items.push(next_in++);
        for (int i = 0; i < 11; ++i) EXPECT_EQ(items.pop(), next_out++);
    }
    EXPECT_TRUE(items.empty());
}

TEST(ring, grows_with_its_order_kept_while_wrapped) {
    ring<int> items;
    for (int i = 0; i < 12; ++i) items.push(-1);
    for (int i = 0; i < 12; ++i) items.pop();
    for (int i = 0; i < 100; ++i) items.push(int(i));  // wraps at 16, then grows three times
    EXPECT_EQ(items.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(items.pop(), i);
}

TEST(ring, takes_what_can_only_be_moved) {
    ring<std::unique_ptr<int>> items;
    for (int i = 0; i < 40; ++i) items.push(std::make_unique<int>(i));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(*items.pop(), i);
}

TEST(ring, destroys_each_object_once) {
    int live = 0;
    {
        ring<counted> items;
        for (int i = 0; i < 40; ++i) items.push(counted(live));
        EXPECT_EQ(live, 40);
        for (int i = 0; i < 10; ++i) static_cast<void>(items.pop());
        EXPECT_EQ(live, 30);
        items.clear();
        EXPECT_EQ(live, 0);
        EXPECT_TRUE(items.empty());
        for (int i = 0; i < 20; ++i) items.push(counted(live));
    }
    EXPECT_EQ(live, 0);
}

TEST(ring, behaves_as_a_deque_under_random_use) {
    std::mt19937 random(7);
    ring<int> items;
    std::deque<int> model;
    for (int step = 0; step < 50'000; ++step) {
        if (model.empty() || random() % 100 < 51) {
            items.push(int(step));
            model.push_back(step);
        } else {
            ASSERT_EQ(items.pop(), model.front());
            model.pop_front();
        }
        ASSERT_EQ(items.size(), model.size());
    }
}

}  // namespace
