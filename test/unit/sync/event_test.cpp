// SPDX-License-Identifier: BSL-1.0
// event: who wakes, in which order, and who goes straight through (asyncio.md 2.15).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::end_of;
using brio_test::settle;

awaitable<> note(brio::event& signal, std::string& order, char name) {
    co_await signal.wait();
    order += name;
}

BRIO_TEST(event, EVT_1_and_7_set_wakes_all_in_order_of_arrival) {
    brio::event signal;
    std::string order;
    std::vector<brio::task<>> tasks;
    for (char name = 'a'; name <= 'e'; ++name) tasks.push_back(create_task(note(signal, order, name)));
    co_await settle();
    EXPECT_FALSE(signal.is_set());
    EXPECT_EQ(order, "");
    signal.set();
    EXPECT_EQ(order, "") << "they run in a later turn";
    co_await brio::gather(tasks);
    EXPECT_EQ(order, "abcde");
    EXPECT_TRUE(signal.is_set());
}

BRIO_TEST(event, EVT_2_a_newcomer_goes_through_before_those_who_waited) {
    brio::event signal;
    std::string order;
    auto a = create_task(note(signal, order, '1'));
    auto b = create_task(note(signal, order, '2'));
    co_await settle();
    auto c = create_task(note(signal, order, '3'));  // begins in the turn in which the others are woken
    signal.set();
    co_await brio::gather(a, b, c);
    EXPECT_EQ(order, "312");
}

BRIO_TEST(event, EVT_3_waiting_on_a_set_event_does_not_suspend) {
    brio::event signal;
    signal.set();
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    co_await signal.wait();
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(event, EVT_4_set_and_clear_in_one_go_release_those_who_waited_once) {
    brio::event signal;
    std::string order;
    auto a = create_task(note(signal, order, 'a'));
    auto twice = create_task([&]() -> awaitable<> {
        co_await signal.wait();
        order += 'b';
        co_await signal.wait();
        order += 'c';
    });
    co_await settle();
    signal.set();
    signal.clear();
    co_await settle();
    EXPECT_EQ(order, "ab");
    EXPECT_TRUE(a.done());
    signal.set();
    co_await twice.join();
    EXPECT_EQ(order, "abc");
}

BRIO_TEST(event, EVT_5_clear_makes_later_waiters_wait) {
    brio::event signal;
    signal.set();
    signal.clear();
    EXPECT_FALSE(signal.is_set());
    auto waiting = create_task(signal.wait());
    co_await settle();
    EXPECT_FALSE(waiting.done());
    signal.set();
    signal.set();
    co_await waiting.join();
}

BRIO_TEST(event, a_cancelled_waiter_leaves_and_the_others_stay) {
    brio::event signal;
    std::string order;
    auto a = create_task(note(signal, order, 'a'));
    auto b = create_task(note(signal, order, 'b'));
    auto c = create_task(note(signal, order, 'c'));
    co_await settle();
    b.cancel();
    EXPECT_EQ(co_await end_of(b.join()), "cancelled");
    signal.set();
    co_await brio::gather(a, c);
    EXPECT_EQ(order, "ac");
}

BRIO_TEST(event, cancelled_before_it_starts) {
    brio::event signal;
    auto task = create_task(signal.wait());
    task.cancel();
    EXPECT_EQ(co_await end_of(task.join()), "cancelled");
    signal.set();
}

// cpython#112202 for events: a wake-up and a cancel of one waiter, in both orders, take nothing from the others.
BRIO_TEST(event, report_24_set_and_cancel_of_the_same_waiter) {
    for (const bool set_first : {true, false}) {
        brio::event signal;
        std::string order;
        auto a = create_task([&]() -> awaitable<> {
            co_await signal.wait();
            order += 'a';
            co_await brio::sleep(1h);
            order += '!';
        });
        auto b = create_task(note(signal, order, 'b'));
        co_await settle();
        if (set_first) signal.set();
        a.cancel();
        if (!set_first) signal.set();
        EXPECT_EQ(co_await end_of(a.join()), "cancelled");
        co_await b.join();
        // What was announced is delivered first, and the cancel at the next suspension.
        EXPECT_EQ(order, set_first ? "ab" : "b");
    }
}

}  // namespace
