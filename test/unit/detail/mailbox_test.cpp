// SPDX-License-Identifier: BSL-1.0
// The thread-safe door of a loop: order, wake-up, closing while others knock.
#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/mailbox.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

class node final : public brio::detail::ready_node {
public:
    explicit node(std::function<void()> action) : action_(std::move(action)) {}
    void run() noexcept override { action_(); }
    void drop() noexcept override { dropped = true; }
    bool dropped = false;

private:
    std::function<void()> action_;
};

TEST(mailbox, what_is_put_runs_in_order_on_the_loop) {
    brio::loop loop;
    std::string order;
    node a([&order] { order += "a"; });
    node b([&order] { order += "b"; });
    node last([&] {
        order += "!";
        loop.stop();
    });
    std::thread([&] {
        for (node* each : {&a, &b, &last}) EXPECT_TRUE(loop.scheduler().inbox()->put(*each));
    }).join();
    EXPECT_EQ(order, "") << "ran in the wrong thread";
    loop.run_forever();
    EXPECT_EQ(order, "ab!");
}

TEST(mailbox, many_puts_wake_the_loop_once) {
    boost::asio::io_context context;
    brio::loop loop(context);
    int runs = 0;
    node a([&runs] { ++runs; });
    node b([&runs] { ++runs; });
    EXPECT_TRUE(loop.scheduler().inbox()->put(a));
    EXPECT_TRUE(loop.scheduler().inbox()->put(b));
    EXPECT_EQ(context.poll(), 1U);
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(context.poll(), 0U);
    EXPECT_TRUE(loop.scheduler().inbox()->put(a));
    context.restart();
    EXPECT_EQ(context.poll(), 1U) << "a loop at rest must be woken again";
    EXPECT_EQ(runs, 3);
}

TEST(mailbox, a_closed_one_refuses_and_leaves_the_node_to_its_owner) {
    std::shared_ptr<brio::detail::mailbox> inbox;
    node inside([] { FAIL() << "the loop was closed"; });
    {
        brio::loop loop;
        inbox = loop.scheduler().inbox();
        EXPECT_TRUE(inbox->put(inside));
    }
    EXPECT_TRUE(inside.dropped) << "who put it in must hear that it will not run";
    node late([] { FAIL() << "the loop was closed"; });
    EXPECT_FALSE(inbox->put(late));
    EXPECT_FALSE(late.is_queued());
    EXPECT_FALSE(late.dropped);
}

TEST(mailbox, closing_while_other_threads_call) {
    for (int round = 0; round < 50; ++round) {
        std::atomic<int> accepted{0};
        std::atomic<int> refused{0};
        std::atomic<int> destroyed{0};
        std::atomic<bool> started{false};
        struct counting {
            explicit counting(std::atomic<int>& target) : count(&target) {}
            counting(counting&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
            counting(const counting&) = delete;
            ~counting() {
                if (count) ++*count;
            }
            void operator()() const {}
            std::atomic<int>* count;
        };
        auto loop = std::make_unique<brio::loop>();
        // The mailbox outlives the loop, and so may whoever holds it; the loop itself must not be touched.
        const auto inbox = loop->scheduler().inbox();
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([&, inbox] {
                for (int k = 0; k < 200; ++k) {
                    auto call = brio::detail::make_callback(counting(destroyed));
                    ++(call->schedule_threadsafe(*inbox) ? accepted : refused);
                    started = true;
                }
            });
        }
        while (!started) std::this_thread::yield();
        loop.reset();
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(accepted + refused, 400);
        EXPECT_EQ(destroyed, 400) << "callbacks leaked";
    }
}

}  // namespace
