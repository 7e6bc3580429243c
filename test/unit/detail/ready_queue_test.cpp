// SPDX-License-Identifier: BSL-1.0
// The ready queue: FIFO, one place per node, picking from the middle.
#include <brio/detail/ready_queue.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using brio::detail::ready_queue;

class node final : public brio::detail::ready_node {
public:
    explicit node(char name) : name_(name) {}
    void run() noexcept override {}
    void drop() noexcept override {}
    [[nodiscard]] char name() const noexcept { return name_; }

private:
    char name_;
};

std::string names_of(ready_queue& queue) {
    std::string names;
    while (!queue.empty()) names += static_cast<node&>(queue.pop()).name();
    return names;
}

TEST(ready_queue, can_be_looked_at) {
    ready_queue queue;
    node a('a');
    node b('b');
    queue.push(a);
    queue.push(b);
    std::string seen;
    queue.for_each([&seen](const brio::detail::ready_node& each) { seen += static_cast<const node&>(each).name(); });
    EXPECT_EQ(seen, "ab");
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(names_of(queue), "ab");
}

TEST(ready_queue, is_a_fifo) {
    ready_queue queue;
    node a('a');
    node b('b');
    node c('c');
    EXPECT_TRUE(queue.empty());
    queue.push(a);
    queue.push(b);
    queue.push(c);
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_TRUE(b.is_queued());
    EXPECT_EQ(names_of(queue), "abc");
    EXPECT_FALSE(b.is_queued());
    EXPECT_EQ(queue.size(), 0U);
    queue.push(b);
    EXPECT_EQ(names_of(queue), "b");
}

TEST(ready_queue, a_node_stands_in_it_once) {
    ready_queue queue;
    node a('a');
    node b('b');
    queue.push(a);
    queue.push(b);
    queue.push(a);
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(names_of(queue), "ab");
}

TEST(ready_queue, pop_at_takes_one_from_the_middle) {
    ready_queue queue;
    node a('a');
    node b('b');
    node c('c');
    node d('d');
    for (node* each : {&a, &b, &c, &d}) queue.push(*each);
    EXPECT_EQ(&queue.pop_at(2), &c);
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_EQ(&queue.pop_at(0), &d) << "those passed over went to the end";
    EXPECT_EQ(names_of(queue), "ab");
}

TEST(ready_queue, swap_exchanges_everything) {
    ready_queue one;
    ready_queue two;
    node a('a');
    node b('b');
    node c('c');
    one.push(a);
    one.push(b);
    one.swap(two);
    EXPECT_TRUE(one.empty());
    one.push(c);
    EXPECT_EQ(names_of(two), "ab");
    EXPECT_EQ(names_of(one), "c");
}

}  // namespace
