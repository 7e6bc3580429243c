// SPDX-License-Identifier: BSL-1.0
// lock: order, hand-over, and races of release and cancel (asyncio.md 2.14).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::end_of;
using brio_test::settle;

// Enters, notes its name, stays for `stay`, leaves.
awaitable<> visit(brio::lock& door, std::string& order, char name, std::chrono::milliseconds stay = 0ms) {
    auto guard = co_await door.acquire();
    order += name;
    co_await brio::sleep(stay);
}

BRIO_TEST(lock, LOCK_1_waiters_get_it_in_order_of_arrival) {
    brio::lock door;
    std::string order;
    std::vector<brio::task<>> tasks;
    auto guard = co_await door.acquire();
    for (char name = 'a'; name <= 'e'; ++name) tasks.push_back(create_task(visit(door, order, name, 1s)));
    co_await settle();
    EXPECT_EQ(order, "");
    guard.unlock();
    co_await brio::gather(tasks);
    EXPECT_EQ(order, "abcde");
    EXPECT_FALSE(door.locked());
}

BRIO_TEST(lock, LOCK_1_only_one_is_inside) {
    brio::lock door;
    int inside = 0;
    int most = 0;
    auto enter = [&](int times) -> awaitable<> {
        for (int i = 0; i < times; ++i) {
            auto guard = co_await door.acquire();
            most = std::max(most, ++inside);
            co_await brio::sleep(i % 2 ? 0ms : 1ms);
            --inside;
        }
    };
    co_await brio::gather(enter(5), enter(7), enter(3));
    EXPECT_EQ(most, 1);
}

BRIO_TEST(lock, LOCK_2_a_free_lock_does_not_suspend) {
    brio::lock door;
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    for (int i = 0; i < 3; ++i) {
        auto guard = co_await door.acquire();
        EXPECT_TRUE(door.locked());
    }
    EXPECT_FALSE(door.locked());
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(lock, LOCK_3_releasing_what_is_not_held_is_an_error) {
    brio::lock door;
    EXPECT_THROW(door.release(), brio::invalid_state_error);
    auto guard = co_await door.acquire();
    guard.detach();
    door.release();
    EXPECT_THROW(door.release(), brio::invalid_state_error);
    EXPECT_FALSE(door.locked());
}

BRIO_TEST(lock, LOCK_4_any_task_may_release) {
    brio::lock door;
    auto taker = create_task([&door]() -> awaitable<> {
        auto guard = co_await door.acquire();
        guard.detach();
    });
    co_await taker.join();
    EXPECT_TRUE(door.locked());
    auto giver = create_task([&door]() -> awaitable<> {
        door.release();
        co_return;
    });
    co_await giver.join();
    EXPECT_FALSE(door.locked());
}

BRIO_TEST(lock, LOCK_4_it_is_not_recursive) {
    brio::lock door;
    auto guard = co_await door.acquire();
    EXPECT_FALSE(door.try_acquire());
    EXPECT_EQ(co_await end_of(brio::wait_for(door.acquire(), 1s)), "timeout");
}

BRIO_TEST(lock, LOCK_5_a_cancelled_waiter_leaves_the_queue) {
    brio::lock door;
    std::string order;
    auto guard = co_await door.acquire();
    auto a = create_task(visit(door, order, 'a'));
    auto b = create_task(visit(door, order, 'b'));
    auto c = create_task(visit(door, order, 'c'));
    co_await settle();
    b.cancel();
    EXPECT_EQ(co_await end_of(b.join()), "cancelled");
    guard.unlock();
    co_await brio::gather(a, c);
    EXPECT_EQ(order, "ac");
    EXPECT_FALSE(door.locked());
}

BRIO_TEST(lock, LOCK_6_release_and_cancel_of_the_first_waiter_in_one_turn) {
    for (const bool release_first : {true, false}) {
        brio::lock door;
        std::string order;
        auto guard = co_await door.acquire();
        auto a = create_task(visit(door, order, 'a'));
        auto b = create_task(visit(door, order, 'b'));
        co_await settle();
        if (release_first) guard.unlock();
        a.cancel();
        guard.unlock();
        EXPECT_EQ(co_await end_of(a.join()), "cancelled");
        co_await b.join();
        EXPECT_EQ(order, "b");
        EXPECT_FALSE(door.locked());
    }
}

BRIO_TEST(lock, LOCK_7_and_only_one_waiter_gets_it) {
    brio::lock door;
    std::string order;
    auto guard = co_await door.acquire();
    auto a = create_task(visit(door, order, 'a', 1s));
    auto b = create_task(visit(door, order, 'b', 1s));
    auto c = create_task(visit(door, order, 'c', 1s));
    co_await settle();
    a.cancel();
    guard.unlock();
    co_await settle();
    EXPECT_EQ(order, "b");
    EXPECT_TRUE(door.locked());
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    co_await brio::gather(b, c);
    EXPECT_EQ(order, "bc");
}

BRIO_TEST(lock, LOCK_8_a_woken_waiter_that_is_cancelled_passes_the_lock_on) {
    brio::lock door;
    std::string order;
    auto guard = co_await door.acquire();
    auto a = create_task(visit(door, order, 'a'));
    auto b = create_task(visit(door, order, 'b'));
    auto c = create_task(visit(door, order, 'c'));
    co_await settle();
    guard.unlock();  // a is woken
    a.cancel();      // b is
    b.cancel();      // c is
    co_await c.join();
    EXPECT_EQ(order, "c");
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_EQ(co_await end_of(b.join()), "cancelled");
    EXPECT_FALSE(door.locked());
    EXPECT_TRUE(door.try_acquire());
}

BRIO_TEST(lock, LOCK_8_the_last_woken_waiter_leaves_a_free_lock) {
    brio::lock door;
    std::string order;
    auto guard = co_await door.acquire();
    auto a = create_task(visit(door, order, 'a'));
    co_await settle();
    guard.unlock();
    a.cancel();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_FALSE(door.locked());
    auto again = co_await door.acquire();
    EXPECT_TRUE(door.locked());
}

BRIO_TEST(lock, LOCK_9_a_newcomer_cannot_overtake_a_woken_waiter) {
    brio::lock door;
    std::string order;
    auto guard = co_await door.acquire();
    auto a = create_task(visit(door, order, 'a'));
    co_await settle();
    guard.unlock();
    EXPECT_FALSE(door.try_acquire()) << "it belongs to the one who waited";
    {
        auto mine = co_await door.acquire();
        order += 'm';
    }
    EXPECT_EQ(order, "am");
    co_await a.join();
}

template <class X>
concept awaitable_here = requires(X x) { brio::gather(std::move(x)); };

TEST(lock, LOCK_11_the_lock_itself_cannot_be_awaited) {
    static_assert(!awaitable_here<brio::lock>);
    static_assert(awaitable_here<brio::lock::acquire_operation>);
    static_assert(!std::is_copy_constructible_v<brio::lock> && !std::is_copy_constructible_v<brio::lock::guard>);
}

BRIO_TEST(lock, a_guard_moves_and_releases_once) {
    brio::lock one;
    brio::lock two;
    auto a = co_await one.acquire();
    auto b = co_await two.acquire();
    a = std::move(b);
    EXPECT_FALSE(one.locked());
    EXPECT_TRUE(two.locked());
    auto c = std::move(a);
    EXPECT_FALSE(static_cast<bool>(a));
    c.unlock();
    c.unlock();
    EXPECT_FALSE(two.locked());
    if (auto maybe = one.try_acquire()) {
        EXPECT_TRUE(one.locked());
    }
    EXPECT_FALSE(one.locked());
}

BRIO_TEST(lock, cancelled_before_it_starts_or_inside) {
    brio::lock door;
    std::string order;
    auto never = create_task(visit(door, order, 'n'));
    never.cancel();
    EXPECT_EQ(co_await end_of(never.join()), "cancelled");
    auto inside = create_task(visit(door, order, 'i', 1h));
    co_await settle();
    EXPECT_TRUE(door.locked());
    inside.cancel();
    EXPECT_EQ(co_await end_of(inside.join()), "cancelled");
    EXPECT_FALSE(door.locked()) << "the guard released it";
    EXPECT_EQ(order, "i");
}

BRIO_TEST(lock, a_lock_taken_by_wait_for_is_not_lost_at_the_deadline) {
    brio::lock door;
    for (const bool release_first : {true, false}) {
        auto guard = co_await door.acquire();
        auto& loop = brio::get_running_loop();
        const auto when = loop.time() + 1s;
        auto release = [&guard] { guard.unlock(); };
        if (release_first) loop.call_at(when, release);
        auto waiting = create_task([&door]() -> awaitable<> { auto mine = co_await brio::wait_for(door.acquire(), 1s); });
        co_await settle();
        if (!release_first) loop.call_at(when, release);
        static_cast<void>(co_await end_of(waiting.join()));
        co_await settle();
        EXPECT_FALSE(door.locked());
    }
}

// cpython#90155 for locks: cancels at every point, under many schedules, and the lock is never stuck or shared.
TEST(lock, report_25_cancels_at_every_point) {
    brio::testing::for_seeds(0, 40, []() -> awaitable<> {
        for (int turn = 0; turn < 10; ++turn) {
            brio::lock door;
            int inside = 0;
            auto enter = [&door, &inside]() -> awaitable<> {
                auto guard = co_await door.acquire();
                EXPECT_EQ(++inside, 1);
                struct leave {
                    int& count;
                    ~leave() { --count; }
                } on_exit{inside};
                co_await brio::sleep(0s);
            };
            std::vector<brio::task<>> tasks;
            for (int i = 0; i < 5; ++i) tasks.push_back(create_task(enter));
            for (int i = 0; i < turn; ++i) co_await brio::sleep(0s);
            tasks[static_cast<std::size_t>(turn) % 5].cancel();
            tasks[static_cast<std::size_t>(turn + 2) % 5].cancel();
            static_cast<void>(co_await brio::gather(brio::return_exceptions, tasks));
            EXPECT_FALSE(door.locked());
            EXPECT_TRUE(door.try_acquire());
        }
    });
}

}  // namespace
