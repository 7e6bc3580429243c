// SPDX-License-Identifier: BSL-1.0
// The timer heap against a plain sorted list, and its promises one by one.
#include <brio/detail/timer_heap.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::detail::time_point;
using brio::detail::timer_heap;

class timer final : public brio::detail::timer_node {
public:
    explicit timer(int name = 0) : name_(name) {}
    void fire() noexcept override { ++fired; }
    [[nodiscard]] int name() const noexcept { return name_; }
    int fired = 0;

private:
    int name_;
};

time_point at(int ms) { return time_point() + std::chrono::milliseconds(ms); }

TEST(timer_heap, gives_timers_by_deadline) {
    timer_heap heap;
    timer a;
    timer b;
    timer c;
    heap.add(b, at(20));
    heap.add(c, at(30));
    heap.add(a, at(10));
    EXPECT_EQ(heap.size(), 3U);
    EXPECT_EQ(heap.next_deadline(), at(10));
    EXPECT_EQ(heap.pop_due(at(9)), nullptr);
    EXPECT_EQ(heap.pop_due(at(20)), &a);
    EXPECT_EQ(heap.pop_due(at(20)), &b);
    EXPECT_EQ(heap.pop_due(at(20)), nullptr);
    EXPECT_EQ(heap.pop_due(at(30)), &c);
    EXPECT_TRUE(heap.empty());
    EXPECT_FALSE(a.is_armed());
    EXPECT_EQ(a.fired, 0) << "popping is not firing";
}

TEST(timer_heap, LOOP_13_equal_deadlines_come_in_the_order_of_arming) {
    timer_heap heap;
    std::vector<std::unique_ptr<timer>> timers;
    for (int i = 0; i < 100; ++i) {
        timers.push_back(std::make_unique<timer>(i));
        heap.add(*timers.back(), at(5));
    }
    for (int i = 0; i < 100; i += 3) heap.remove(*timers[static_cast<std::size_t>(i)]);
    int last = -1;
    while (auto* next = static_cast<timer*>(heap.pop_due(at(5)))) {
        EXPECT_GT(next->name(), last);
        EXPECT_NE(next->name() % 3, 0);
        last = next->name();
    }
    EXPECT_EQ(last, 98);
}

TEST(timer_heap, removing_twice_or_unarmed_does_nothing) {
    timer_heap heap;
    timer a;
    timer b;
    heap.remove(a);
    heap.add(a, at(1));
    heap.add(b, at(2));
    heap.remove(a);
    heap.remove(a);
    EXPECT_EQ(heap.size(), 1U);
    EXPECT_EQ(heap.pop_any(), &b);
    EXPECT_EQ(heap.pop_any(), nullptr);
}

TEST(timer_heap, a_timer_knows_whether_it_is_armed) {
    timer_heap heap;
    timer a;
    EXPECT_FALSE(a.is_armed());
    heap.add(a, at(7));
    EXPECT_TRUE(a.is_armed());
    EXPECT_EQ(heap.next_deadline(), at(7));
    heap.remove(a);
    EXPECT_FALSE(a.is_armed());
    heap.add(a, at(3));
    EXPECT_TRUE(a.is_armed());
    EXPECT_EQ(heap.next_deadline(), at(3));
    EXPECT_EQ(heap.pop_due(at(3)), &a);
    EXPECT_FALSE(a.is_armed());
}

TEST(timer_heap, LOOP_13_the_order_of_arming_outlives_the_end_of_the_numbers) {
    timer_heap heap(static_cast<std::uint32_t>(-1) - 50);
    std::vector<std::unique_ptr<timer>> timers;
    for (int i = 0; i < 100; ++i) {
        timers.push_back(std::make_unique<timer>(i));
        heap.add(*timers.back(), at(i % 2));
    }
    heap.remove(*timers[51]);
    std::vector<int> order;
    while (auto* next = static_cast<timer*>(heap.pop_due(at(1)))) order.push_back(next->name());
    ASSERT_EQ(order.size(), 99U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.begin() + 50));
    EXPECT_TRUE(std::is_sorted(order.begin() + 50, order.end()));
    EXPECT_EQ(order.front(), 0);
    EXPECT_EQ(order.back(), 99);
}

TEST(timer_heap, behaves_as_a_sorted_list_under_random_use) {
    struct entry {
        time_point deadline;
        std::uint64_t sequence;
        timer* node;
    };
    const auto earlier = [](const entry& a, const entry& b) {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.sequence < b.sequence;
    };
    std::mt19937 random(20261121);
    timer_heap heap;
    std::vector<timer> timers(64);
    std::vector<entry> model;
    std::uint64_t sequence = 0;
    for (int step = 0; step < 20'000; ++step) {
        timer& chosen = timers[random() % timers.size()];
        switch (random() % 4) {
            case 0:
            case 1: {
                if (chosen.is_armed()) break;
                const time_point deadline = at(static_cast<int>(random() % 20));
                heap.add(chosen, deadline);
                model.push_back({deadline, sequence++, &chosen});
                break;
            }
            case 2:
                heap.remove(chosen);
                std::erase_if(model, [&chosen](const entry& e) { return e.node == &chosen; });
                break;
            default: {
                const time_point now = at(static_cast<int>(random() % 20));
                const auto first = std::min_element(model.begin(), model.end(), earlier);
                const bool due = first != model.end() && first->deadline <= now;
                ASSERT_EQ(heap.pop_due(now), due ? first->node : nullptr) << "step " << step;
                if (due) model.erase(first);
            }
        }
        ASSERT_EQ(heap.size(), model.size());
        ASSERT_EQ(chosen.is_armed(),
                  std::any_of(model.begin(), model.end(), [&chosen](const entry& e) { return e.node == &chosen; }));
    }
    while (heap.pop_any()) {
    }
}

}  // namespace
