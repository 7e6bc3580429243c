// SPDX-License-Identifier: BSL-1.0
// The scheduler's seams: turns, pick order, clock, and how it rides on a context of the user's.
#include <brio/brio.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/testing/test.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;

class last_first final : public brio::detail::pick_order {
public:
    std::size_t pick(const brio::detail::ready_queue& turn) noexcept override {
        ++picks;
        return turn.size() - 1;
    }
    int picks = 0;
};

TEST(scheduler, a_pick_order_decides_within_a_turn) {
    brio::loop loop;
    last_first order;
    loop.scheduler().use_order(&order);
    std::string trace;
    for (const char name : {'a', 'b', 'c'}) {
        loop.call_soon([&, name] {
            trace += name;
            loop.call_soon([&, name] { trace += static_cast<char>(name - 'a' + 'A'); });
        });
    }
    loop.call_soon([&loop] { loop.call_soon([&loop] { loop.call_soon([&loop] { loop.stop(); }); }); });
    loop.run_forever();
    EXPECT_EQ(trace.substr(0, 3).find_first_of("ABC"), std::string::npos) << trace << ": left its turn";
    EXPECT_EQ(trace.size(), 6U);
    EXPECT_GE(order.picks, 8);
}

TEST(scheduler, steps_are_counted) {
    brio::loop loop;
    const auto before = loop.scheduler().steps;
    for (int i = 0; i < 5; ++i) loop.call_soon([] {});
    loop.call_soon([&loop] { loop.stop(); });
    loop.run_forever();
    EXPECT_EQ(loop.scheduler().steps - before, 6U);
}

BRIO_TEST(scheduler, there_is_one_per_thread_while_it_runs) {
    EXPECT_EQ(brio::detail::scheduler::current(), &brio::get_running_loop().scheduler());
    EXPECT_TRUE(brio::get_running_loop().scheduler().on_loop_thread());
    bool elsewhere = true;
    co_await brio::to_thread([&elsewhere] { elsewhere = brio::detail::scheduler::current() != nullptr; });
    EXPECT_FALSE(elsewhere);
}

TEST(scheduler, two_loops_on_one_context_do_not_mix) {
    boost::asio::io_context context;
    brio::loop one(context);
    brio::loop two(context);
    brio::loop* seen_one = nullptr;
    brio::loop* seen_two = nullptr;
    one.call_soon([&seen_one] { seen_one = &brio::get_running_loop(); });
    two.call_soon([&seen_two] { seen_two = &brio::get_running_loop(); });
    context.poll();
    EXPECT_EQ(seen_one, &one);
    EXPECT_EQ(seen_two, &two);
    EXPECT_EQ(brio::detail::scheduler::current(), nullptr);
}

TEST(scheduler, a_context_may_outlive_its_loop_with_work_posted) {
    boost::asio::io_context context;
    int calls = 0;
    {
        brio::loop loop(context);
        loop.call_soon([&calls] { ++calls; });
        loop.call_later(1ms, [&calls] { ++calls; });
    }
    context.run_for(20ms);
    EXPECT_EQ(calls, 0);
}

TEST(scheduler, virtual_time_jumps_only_when_nothing_else_can_move) {
    brio::testing::virtual_clock clock;
    brio::loop loop;
    loop.scheduler().use_clock(&clock);
    std::string trace;
    loop.call_later(1h, [&] {
        trace += "timer";
        loop.stop();
    });
    loop.call_soon([&] {
        trace += "soon ";
        boost::asio::post(loop.context(), [&] {
            trace += "posted ";
            EXPECT_EQ(clock.elapsed(), 0s);
        });
    });
    loop.run_forever();
    EXPECT_EQ(trace, "soon posted timer");
    EXPECT_EQ(clock.elapsed(), 1h);
}

TEST(scheduler, a_deadlock_in_virtual_time_is_found) {
    brio::testing::virtual_clock clock;
    brio::loop loop;
    loop.scheduler().use_clock(&clock);
    EXPECT_THROW(loop.run_forever(), brio::loop_error);
    EXPECT_FALSE(loop.is_running());
}

// Real time: the one Asio timer behind the heap must follow the earliest deadline, whatever comes and goes.
TEST(scheduler, the_earliest_deadline_wakes_the_loop) {
    brio::loop loop;
    std::string trace;
    const auto begin = std::chrono::steady_clock::now();
    auto late = loop.call_later(30s, [&trace] { trace += "late"; });
    loop.call_later(30ms, [&] {
        trace += "b ";
        loop.stop();
    });
    loop.call_later(10ms, [&] {
        trace += "a ";
        EXPECT_GE(std::chrono::steady_clock::now() - begin, 10ms);
    });
    auto dropped = loop.call_later(5ms, [&trace] { trace += "dropped "; });
    dropped.cancel();
    loop.run_forever();
    EXPECT_EQ(trace, "a b ");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
    late.cancel();
}

}  // namespace
