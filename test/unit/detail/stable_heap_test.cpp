// SPDX-License-Identifier: BSL-1.0
// The heap: order, equal items, comparisons that throw, items that can only be moved.
#include <brio/detail/stable_heap.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using brio::detail::stable_heap;

// (priority, order of arrival)
using ticket = std::pair<int, int>;
struct by_priority {
    bool operator()(const ticket& a, const ticket& b) const noexcept { return a.first < b.first; }
};

TEST(stable_heap, agrees_with_a_stable_sort_whatever_goes_in_and_out) {
    std::mt19937 random(7);
    stable_heap<ticket, by_priority> heap{by_priority()};
    std::vector<ticket> model;
    int arrival = 0;
    for (int step = 0; step < 20000; ++step) {
        if (model.empty() || random() % 100 < 52) {
            const ticket item(static_cast<int>(random() % 8), arrival++);
            heap.push(ticket(item));
            model.push_back(item);
        } else {
            const auto lowest = std::min_element(model.begin(), model.end());
            ASSERT_EQ(heap.pop(), *lowest);
            model.erase(lowest);
        }
    }
    std::sort(model.begin(), model.end());
    for (const ticket& item : model) ASSERT_EQ(heap.pop(), item);
    EXPECT_TRUE(heap.empty());
}

TEST(stable_heap, takes_what_can_only_be_moved) {
    const auto lower = [](const std::unique_ptr<int>& a, const std::unique_ptr<int>& b) { return *a < *b; };
    stable_heap<std::unique_ptr<int>, decltype(lower)> heap(lower);
    for (int i = 0; i < 40; ++i) heap.push(std::make_unique<int>((i * 7) % 40));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(*heap.pop(), i);
    heap.clear();
    EXPECT_TRUE(heap.empty());
    heap.push(std::make_unique<int>(1));
    EXPECT_EQ(*heap.pop(), 1);
}

TEST(stable_heap, a_comparison_that_throws_changes_nothing) {
    int countdown = -1;
    const auto lower = [&countdown](int a, int b) {
        if (countdown >= 0 && countdown-- == 0) throw std::runtime_error("cannot compare");
        return a < b;
    };
    for (int fuse = 0; fuse < 12; ++fuse) {
        for (const bool push : {true, false}) {
            stable_heap<int, std::function<bool(int, int)>> heap(lower);
            for (int i = 0; i < 30; ++i) heap.push((i * 11) % 30);
            countdown = fuse;
            bool pushed = false;
            int popped = 0;
            try {
                if (push) {
                    heap.push(-1);
                    pushed = true;
                } else {
                    EXPECT_EQ(heap.pop(), 0);
                    popped = 1;
                }
            } catch (const std::runtime_error&) {
            }
            countdown = -1;
            if (pushed) {
                EXPECT_EQ(heap.pop(), -1);
            }
            for (int i = popped; i < 30; ++i) ASSERT_EQ(heap.pop(), i);
            EXPECT_TRUE(heap.empty());
        }
    }
}

}  // namespace
