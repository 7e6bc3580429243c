// SPDX-License-Identifier: BSL-1.0
// semaphore and bounded_semaphore: permits, order, and races of release and cancel (asyncio.md 2.17).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::bounded_semaphore;
using brio::create_task;
using brio::semaphore;
using brio_test::end_of;
using brio_test::settle;

// Takes a permit, notes its name and keeps the permit for good.
awaitable<> take(semaphore& permits, std::string& order, char name) {
    auto guard = co_await permits.acquire();
    guard.detach();
    order += name;
}

// Takes a permit, notes its name, stays for `stay`, gives it back.
awaitable<> visit(semaphore& permits, std::string& order, char name, std::chrono::milliseconds stay = 0ms) {
    const auto guard = co_await permits.acquire();
    order += name;
    co_await brio::sleep(stay);
}

std::string text_of_error(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "no error";
}

TEST(semaphore, SEM_1_a_negative_start_value_is_an_error) {
    EXPECT_THROW(semaphore(-1), std::invalid_argument);
    EXPECT_THROW(bounded_semaphore(-7), std::invalid_argument);
    EXPECT_EQ(text_of_error([] { semaphore permits(-1); }),
              "a semaphore cannot start with -1 permits: the number must be 0 or more");
}

BRIO_TEST(semaphore, SEM_2_start_value_0_is_locked) {
    semaphore permits(0);
    EXPECT_TRUE(permits.locked());
    EXPECT_FALSE(permits.try_acquire());
    EXPECT_EQ(co_await end_of(brio::wait_for(permits.acquire(), 1s)), "timeout");
    EXPECT_FALSE(semaphore().locked()) << "the default is 1";
}

BRIO_TEST(semaphore, a_free_permit_does_not_suspend) {
    semaphore permits(2);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    {
        const auto a = co_await permits.acquire();
        EXPECT_EQ(permits.value(), 1);
        EXPECT_FALSE(permits.locked());
        const auto b = permits.try_acquire();
        EXPECT_TRUE(b);
        EXPECT_TRUE(permits.locked());
        EXPECT_FALSE(permits.try_acquire());
    }
    EXPECT_EQ(permits.value(), 2) << "the guards gave them back";
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(semaphore, no_more_are_inside_than_permits) {
    semaphore permits(3);
    int inside = 0;
    int most = 0;
    auto enter = [&](int times) -> awaitable<> {
        for (int i = 0; i < times; ++i) {
            const auto guard = co_await permits.acquire();
            most = std::max(most, ++inside);
            co_await brio::sleep(i % 2 ? 0ms : 1ms);
            --inside;
        }
    };
    co_await brio::gather(enter(5), enter(7), enter(3), enter(4), enter(6));
    EXPECT_EQ(most, 3);
    EXPECT_EQ(permits.value(), 3);
}

BRIO_TEST(semaphore, SEM_4_two_releases_let_exactly_two_waiters_through) {
    semaphore permits(1);
    std::string order;
    std::vector<brio::task<>> tasks;
    for (char name = 'a'; name <= 'c'; ++name) tasks.push_back(create_task(take(permits, order, name)));
    co_await settle();
    EXPECT_EQ(order, "a");
    EXPECT_EQ(permits.value(), 0);
    tasks.push_back(create_task(take(permits, order, 'd')));
    permits.release();
    permits.release();
    co_await settle();
    EXPECT_EQ(order, "abc");
    EXPECT_TRUE(permits.locked());
    EXPECT_FALSE(tasks[3].done());
    permits.release();
    co_await brio::gather(tasks);
    EXPECT_EQ(order, "abcd");
    EXPECT_EQ(permits.value(), 0);
}

BRIO_TEST(semaphore, SEM_4_release_of_several_at_once) {
    semaphore permits(0);
    std::string order;
    std::vector<brio::task<>> tasks;
    for (char name = 'a'; name <= 'd'; ++name) tasks.push_back(create_task(take(permits, order, name)));
    co_await settle();
    permits.release(3);
    co_await settle();
    EXPECT_EQ(order, "abc");
    permits.release(3);
    co_await brio::gather(tasks);
    EXPECT_EQ(order, "abcd");
    EXPECT_EQ(permits.value(), 2);
}

BRIO_TEST(semaphore, SEM_6_two_cancelled_waiters_then_one_release) {
    semaphore permits(1);
    std::string order;
    std::vector<brio::task<>> tasks;
    auto held = co_await permits.acquire();
    for (char name = 'a'; name <= 'd'; ++name) tasks.push_back(create_task(take(permits, order, name)));
    co_await settle();
    held.unlock();
    tasks[0].cancel();  // had been given the permit
    tasks[1].cancel();  // ... and then this one
    co_await settle();
    EXPECT_EQ(order, "c");
    EXPECT_EQ(co_await end_of(tasks[0].join()), "cancelled");
    EXPECT_EQ(co_await end_of(tasks[1].join()), "cancelled");
    EXPECT_FALSE(tasks[3].done());
    permits.release();
    co_await tasks[3].join();
}

BRIO_TEST(semaphore, SEM_6_cancelled_before_the_release) {
    semaphore permits(0);
    std::string order;
    std::vector<brio::task<>> tasks;
    for (char name = 'a'; name <= 'd'; ++name) tasks.push_back(create_task(take(permits, order, name)));
    co_await settle();
    tasks[0].cancel();
    tasks[1].cancel();
    permits.release();
    co_await settle();
    EXPECT_EQ(order, "c");
    EXPECT_TRUE(tasks[0].cancelled() && tasks[1].cancelled());
    permits.release();
    co_await tasks[3].join();
}

BRIO_TEST(semaphore, SEM_7_cancel_and_release_in_the_same_turn_do_not_lose_the_permit) {
    for (const bool release_first : {true, false}) {
        semaphore permits(1);
        std::string order;
        auto held = co_await permits.acquire();
        auto a = create_task(visit(permits, order, 'a'));
        auto b = create_task(visit(permits, order, 'b'));
        co_await settle();
        if (release_first) held.unlock();
        a.cancel();
        held.unlock();
        EXPECT_EQ(co_await end_of(a.join()), "cancelled");
        co_await b.join();
        EXPECT_EQ(order, "b");
        EXPECT_EQ(permits.value(), 1);
        EXPECT_FALSE(permits.locked());
    }
}

BRIO_TEST(semaphore, SEM_8_a_waiter_cancelled_with_its_permit_hands_it_back) {
    semaphore permits(1);
    std::string order;
    auto held = co_await permits.acquire();
    auto a = create_task(visit(permits, order, 'a'));
    co_await settle();
    held.unlock();
    EXPECT_EQ(permits.value(), 0) << "it was given to a";
    a.cancel();
    EXPECT_EQ(permits.value(), 1);
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_FALSE(permits.locked());
    const auto again = co_await permits.acquire();
    EXPECT_EQ(order, "");
}

BRIO_TEST(semaphore, SEM_9_strictly_first_come_first_served) {
    semaphore permits(1);
    std::string order;
    auto twice = [&](char name) -> awaitable<> {
        for (int i = 0; i < 2; ++i) {
            const auto guard = co_await permits.acquire();
            order += name;
            co_await brio::sleep(1ms);
        }
    };
    std::vector<brio::task<>> tasks;
    for (char name = 'a'; name <= 'c'; ++name) tasks.push_back(create_task(twice(name)));
    co_await brio::gather(tasks);
    EXPECT_EQ(order, "abcabc") << "who wants it again goes to the end";
}

BRIO_TEST(semaphore, SEM_9_the_releaser_cannot_take_it_back_before_the_one_who_waits) {
    semaphore permits(1);
    std::string order;
    auto mine = co_await permits.acquire();
    auto a = create_task(visit(permits, order, 'a'));
    co_await settle();
    mine.unlock();
    EXPECT_FALSE(permits.try_acquire());
    mine = co_await permits.acquire();
    order += 'm';
    EXPECT_EQ(order, "am");
    co_await a.join();
}

BRIO_TEST(semaphore, SEM_10_order_with_a_cancelled_waiter_in_front) {
    semaphore permits(0);
    std::string order;
    std::vector<brio::task<>> tasks;
    for (char name = 'a'; name <= 'c'; ++name) tasks.push_back(create_task(take(permits, order, name)));
    co_await settle();
    tasks[0].cancel();
    co_await settle();
    permits.release(2);
    co_await brio::gather(tasks[1], tasks[2]);
    EXPECT_EQ(order, "bc");
    EXPECT_EQ(permits.value(), 0);
}

BRIO_TEST(semaphore, SEM_11_locked_as_long_as_somebody_waits) {
    semaphore permits(0);
    std::string order;
    auto a = create_task(take(permits, order, 'a'));
    co_await settle();
    permits.release(3);  // one of them is a's
    EXPECT_EQ(permits.value(), 2);
    EXPECT_TRUE(permits.locked()) << "a has not run yet";
    EXPECT_FALSE(permits.try_acquire());
    co_await a.join();
    EXPECT_FALSE(permits.locked());
    EXPECT_TRUE(permits.try_acquire());
}

BRIO_TEST(semaphore, SEM_12_one_acquire_wakes_the_next_while_permits_are_left) {
    semaphore permits(0);
    std::string order;
    auto a = create_task(take(permits, order, 'a'));
    co_await settle();
    std::vector<brio::task<>> late;
    for (char name = 'b'; name <= 'd'; ++name) late.push_back(create_task(take(permits, order, name)));
    brio::get_running_loop().call_soon([&permits] { permits.release(3); });  // b, c and d have come meanwhile
    auto e = create_task(take(permits, order, 'e'));                         // comes when a has its permit
    co_await settle();
    EXPECT_EQ(order, "abc");
    permits.release(2);
    co_await brio::gather(a, e);
    co_await brio::gather(late);
    EXPECT_EQ(order, "abcde");
    EXPECT_EQ(permits.value(), 0);
}

BRIO_TEST(semaphore, SEM_12_newcomers_that_queued_behind_a_woken_waiter_go_on_by_themselves) {
    for (const bool cancel_first : {false, true}) {
        semaphore permits(0);
        std::string order;
        auto a = create_task(take(permits, order, 'a'));
        co_await settle();
        auto b = create_task(take(permits, order, 'b'));  // begins before a runs
        auto c = create_task(take(permits, order, 'c'));
        permits.release(3);
        if (cancel_first) a.cancel();
        static_cast<void>(co_await end_of(a.join()));
        co_await brio::gather(b, c);
        EXPECT_EQ(order, cancel_first ? "bc" : "abc") << "no further release is needed";
        EXPECT_EQ(permits.value(), cancel_first ? 1 : 0);
        EXPECT_EQ(permits.locked(), !cancel_first);
    }
}

TEST(semaphore, SEM_13_more_permits_than_at_the_start) {
    semaphore permits(1);
    permits.release();
    permits.release(3);
    EXPECT_EQ(permits.value(), 5);
}

TEST(semaphore, SEM_13_a_bounded_one_refuses_what_is_too_much) {
    bounded_semaphore permits(2);
    EXPECT_THROW(permits.release(), brio::invalid_state_error);
    auto one = permits.try_acquire();
    EXPECT_EQ(text_of_error([&permits] { permits.release(2); }),
              "semaphore.release(2): 1 permits are free, and there must not be more than 2");
    EXPECT_EQ(permits.value(), 1) << "nothing has changed";
    one->detach();
    permits.release();
    EXPECT_EQ(permits.value(), 2);
    EXPECT_THROW(permits.release(), brio::invalid_state_error);
    EXPECT_THROW(bounded_semaphore(0).release(), brio::invalid_state_error);
}

TEST(semaphore, SEM_13_a_permit_given_back_twice_is_counted_once) {
    bounded_semaphore permits(1);
    auto guard = permits.try_acquire();
    permits.release();
    guard.reset();
    EXPECT_EQ(permits.value(), 1);
}

TEST(semaphore, a_release_of_nothing_or_less_is_an_error) {
    semaphore permits(0);
    EXPECT_THROW(permits.release(0), std::invalid_argument);
    EXPECT_EQ(text_of_error([&permits] { permits.release(-2); }), "semaphore.release(-2): the number must be 1 or more");
    EXPECT_EQ(permits.value(), 0);
}

template <class X>
concept awaitable_here = requires(X x) { brio::gather(std::move(x)); };

TEST(semaphore, SEM_15_it_cannot_be_awaited_itself) {
    static_assert(!awaitable_here<semaphore> && !awaitable_here<bounded_semaphore>);
    static_assert(awaitable_here<semaphore::acquire_operation>);
    static_assert(!std::is_copy_constructible_v<semaphore> && !std::is_copy_constructible_v<semaphore::guard>);
}

BRIO_TEST(semaphore, cancelled_before_it_starts_or_inside) {
    semaphore permits(1);
    std::string order;
    auto never = create_task(visit(permits, order, 'n'));
    never.cancel();
    EXPECT_EQ(co_await end_of(never.join()), "cancelled");
    auto inside = create_task(visit(permits, order, 'i', 1h));
    co_await settle();
    EXPECT_TRUE(permits.locked());
    inside.cancel();
    EXPECT_EQ(co_await end_of(inside.join()), "cancelled");
    EXPECT_EQ(permits.value(), 1) << "the guard gave it back";
    EXPECT_EQ(order, "i");
}

// cpython#90155: cancels at every point, under many schedules, and no permit is lost or doubled.
TEST(semaphore, report_25_cancels_at_every_point) {
    brio::testing::for_seeds(0, 40, []() -> awaitable<> {
        for (int turn = 0; turn < 10; ++turn) {
            semaphore permits(2);
            int inside = 0;
            auto enter = [&permits, &inside]() -> awaitable<> {
                const auto guard = co_await permits.acquire();
                EXPECT_LE(++inside, 2);
                struct leave {
                    int& count;
                    ~leave() { --count; }
                } on_exit{inside};
                co_await brio::sleep(0s);
            };
            std::vector<brio::task<>> tasks;
            for (int i = 0; i < 6; ++i) tasks.push_back(create_task(enter));
            for (int i = 0; i < turn; ++i) co_await brio::sleep(0s);
            tasks[static_cast<std::size_t>(turn) % 6].cancel();
            tasks[static_cast<std::size_t>(turn + 3) % 6].cancel();
            static_cast<void>(co_await brio::gather(brio::return_exceptions, tasks));
            EXPECT_EQ(permits.value(), 2);
            EXPECT_FALSE(permits.locked());
        }
    });
}

}  // namespace
