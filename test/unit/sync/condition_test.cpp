// SPDX-License-Identifier: BSL-1.0
// condition: notifications, and the lock that is held again however the wait ends (asyncio.md 2.16).
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::condition;
using brio::create_task;
using brio_test::captured_log;
using brio_test::end_of;
using brio_test::settle;

// Waits once with the lock held, then notes its name and whether the lock is held again.
awaitable<> wait_once(condition& changed, std::string& order, char name) {
    const auto guard = co_await changed.acquire();
    try {
        co_await changed.wait();
    } catch (const brio::cancelled_error&) {
        order += changed.locked() ? '!' : '?';
        throw;
    }
    order += name;
    EXPECT_TRUE(changed.locked());
}

awaitable<> notify(condition& changed, std::size_t count) {
    const auto guard = co_await changed.acquire();
    changed.notify(count);
}

class waiters {
public:
    waiters(condition& changed, std::string& order, std::string_view names) {
        for (const char name : names) tasks_.push_back(create_task(wait_once(changed, order, name)));
    }
    brio::task<>& operator[](std::size_t index) { return tasks_.at(index); }
    std::vector<brio::task<>>& all() { return tasks_; }

private:
    std::vector<brio::task<>> tasks_;
};

BRIO_TEST(condition, CND_1_wait_gives_the_lock_up_and_holds_it_again) {
    condition changed;
    std::string order;
    auto waiting = create_task(wait_once(changed, order, 'w'));
    co_await settle();
    EXPECT_FALSE(changed.locked()) << "given up";
    auto guard = co_await changed.acquire();
    changed.notify();
    co_await settle();
    EXPECT_EQ(order, "") << "the notifier still holds the lock";
    guard.unlock();
    co_await waiting.join();
    EXPECT_EQ(order, "w");
    EXPECT_FALSE(changed.locked());
}

BRIO_TEST(condition, CND_1_the_notified_hold_the_lock_one_after_the_other) {
    condition changed;
    std::string order;
    auto hold = [&](char name) -> awaitable<> {
        const auto guard = co_await changed.acquire();
        co_await changed.wait();
        order += name;
        co_await brio::sleep(1s);
        order += name;
    };
    auto a = create_task(hold('a'));
    auto b = create_task(hold('b'));
    co_await settle();
    co_await notify(changed, 2);
    co_await brio::gather(a, b);
    EXPECT_EQ(order, "aabb");
}

BRIO_TEST(condition, CND_1_with_a_lock_that_others_use_too) {
    brio::lock door;
    condition full(door);
    condition empty(door);
    std::string order;
    auto a = create_task(wait_once(full, order, 'a'));
    auto b = create_task(wait_once(empty, order, 'b'));
    co_await settle();
    auto guard = co_await door.acquire();
    EXPECT_TRUE(full.locked() && empty.locked());
    EXPECT_FALSE(full.try_acquire());
    empty.notify_all();
    guard.detach();
    full.release();
    co_await b.join();
    EXPECT_EQ(order, "b");
    co_await notify(full, 1);
    co_await a.join();
    EXPECT_EQ(order, "ba");
}

BRIO_TEST(condition, without_the_lock_nothing_goes) {
    condition changed;
    const std::string hint = ": the lock is not held, take it first: auto guard = co_await condition.acquire()";
    EXPECT_EQ(co_await end_of(changed.wait()), "condition.wait()" + hint);
    EXPECT_THROW(changed.notify(), brio::invalid_state_error);
    EXPECT_THROW(changed.notify_all(), brio::invalid_state_error);
    EXPECT_THROW(changed.release(), brio::invalid_state_error);
    EXPECT_FALSE(changed.locked());
}

BRIO_TEST(condition, CND_4_notify_wakes_at_most_so_many_in_order) {
    condition changed;
    std::string order;
    waiters waiting(changed, order, "abcde");
    co_await settle();
    co_await notify(changed, 1);
    co_await settle();
    EXPECT_EQ(order, "a");
    co_await notify(changed, 0);
    co_await settle();
    EXPECT_EQ(order, "a");
    co_await notify(changed, 2);
    co_await settle();
    EXPECT_EQ(order, "abc");
    co_await notify(changed, 2048);
    co_await brio::gather(waiting.all());
    EXPECT_EQ(order, "abcde");
    co_await notify(changed, 1);  // nobody is there: no harm, and not kept for later
    auto late = create_task(wait_once(changed, order, 'l'));
    co_await settle();
    EXPECT_FALSE(late.done());
    late.cancel();
    EXPECT_EQ(co_await end_of(late.join()), "cancelled");
}

BRIO_TEST(condition, CND_4_notify_all) {
    condition changed;
    std::string order;
    waiters waiting(changed, order, "abc");
    co_await settle();
    auto guard = co_await changed.acquire();
    changed.notify_all();
    guard.unlock();
    co_await brio::gather(waiting.all());
    EXPECT_EQ(order, "abc");
}

BRIO_TEST(condition, CND_6_a_cancelled_wait_holds_the_lock_again) {
    condition changed;
    std::string order;
    auto a = create_task(wait_once(changed, order, 'a'));
    co_await settle();
    a.cancel();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_EQ(order, "!");
    EXPECT_FALSE(changed.locked());
}

BRIO_TEST(condition, CND_7_a_cancelled_wait_waits_for_the_lock) {
    condition changed;
    std::string order;
    auto a = create_task(wait_once(changed, order, 'a'));
    co_await settle();
    auto guard = co_await changed.acquire();
    a.cancel();
    co_await brio::sleep(1h);
    EXPECT_FALSE(a.done());
    EXPECT_EQ(order, "");
    a.cancel();  // asking again does not free it from that
    co_await settle();
    EXPECT_FALSE(a.done());
    guard.unlock();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_EQ(order, "!");
    EXPECT_FALSE(changed.locked());
}

BRIO_TEST(condition, CND_7_in_order_of_arrival_at_the_lock) {
    condition changed;
    std::string order;
    auto a = create_task(wait_once(changed, order, 'a'));
    co_await settle();
    auto guard = co_await changed.acquire();
    auto before = create_task([&]() -> awaitable<> {
        const auto mine = co_await changed.acquire();
        order += '1';
    });
    co_await settle();
    a.cancel();
    auto after = create_task([&]() -> awaitable<> {
        const auto mine = co_await changed.acquire();
        order += '2';
    });
    co_await settle();
    guard.unlock();
    co_await brio::gather(before, after);
    EXPECT_EQ(order, "1!2");
    EXPECT_TRUE(a.cancelled());
}

BRIO_TEST(condition, CND_8_cancelled_after_it_was_notified) {
    condition changed;
    std::string order;
    auto a = create_task(wait_once(changed, order, 'a'));
    co_await settle();
    auto guard = co_await changed.acquire();
    changed.notify();
    co_await settle();
    a.cancel();
    co_await settle();
    EXPECT_FALSE(a.done()) << "the lock first";
    guard.unlock();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_EQ(order, "!");
}

BRIO_TEST(condition, CND_8_cancelled_when_the_lock_was_free_for_it) {
    condition changed;
    std::string order;
    auto a = create_task(wait_once(changed, order, 'a'));
    co_await settle();
    auto guard = co_await changed.acquire();
    changed.notify();
    guard.unlock();  // a is woken
    a.cancel();
    EXPECT_EQ(co_await end_of(a.join()), "cancelled");
    EXPECT_EQ(order, "!");
    EXPECT_FALSE(changed.locked());
}

BRIO_TEST(condition, CND_9_the_message_comes_out_in_both_situations) {
    for (const bool notified : {false, true}) {
        condition changed;
        std::string order;
        auto a = create_task(wait_once(changed, order, 'a'));
        co_await settle();
        auto guard = co_await changed.acquire();
        if (notified) changed.notify();
        a.cancel("not any more");
        co_await settle();
        guard.unlock();
        EXPECT_EQ(co_await end_of(a.join()), "cancelled(not any more)");
    }
}

BRIO_TEST(condition, CND_10_a_notified_waiter_that_is_cancelled_passes_the_notification_on) {
    condition changed;
    std::string order;
    waiters waiting(changed, order, "abc");
    co_await settle();
    auto guard = co_await changed.acquire();
    changed.notify();
    waiting[0].cancel();
    guard.unlock();
    EXPECT_EQ(co_await end_of(waiting[0].join()), "cancelled");
    co_await waiting[1].join();
    co_await settle();
    EXPECT_EQ(order, "!b");
    EXPECT_FALSE(waiting[2].done()) << "one notification, one waiter";
    waiting[2].cancel();
    EXPECT_EQ(co_await end_of(waiting[2].join()), "cancelled");
}

BRIO_TEST(condition, CND_11_also_when_it_waits_for_the_lock_or_has_it_next) {
    for (const bool woken : {false, true}) {
        condition changed;
        std::string order;
        waiters waiting(changed, order, "abcd");
        co_await settle();
        auto guard = co_await changed.acquire();
        changed.notify(2);
        co_await settle();
        if (woken) guard.unlock();
        waiting[0].cancel();
        waiting[0].cancel();  // passes it on once
        guard.unlock();
        EXPECT_EQ(co_await end_of(waiting[0].join()), "cancelled");
        co_await brio::gather(waiting[1], waiting[2]);
        co_await settle();
        EXPECT_EQ(order, "!bc");
        EXPECT_FALSE(waiting[3].done());
        waiting[3].cancel();
        EXPECT_EQ(co_await end_of(waiting[3].join()), "cancelled");
    }
}

BRIO_TEST(condition, CND_10_a_cancel_before_the_notification_has_nothing_to_pass_on) {
    condition changed;
    std::string order;
    waiters waiting(changed, order, "abc");
    co_await settle();
    auto guard = co_await changed.acquire();
    waiting[0].cancel();
    changed.notify();
    guard.unlock();
    co_await waiting[1].join();
    co_await settle();
    EXPECT_EQ(order, "!b");
    EXPECT_FALSE(waiting[2].done());
    waiting[2].cancel();
    EXPECT_EQ(co_await end_of(waiting[2].join()), "cancelled");
}

BRIO_TEST(condition, CND_12_wait_for_loops_until_the_predicate_is_true_and_gives_its_value) {
    condition changed;
    int value = 0;
    int asked = 0;
    auto waiting = create_task([&]() -> awaitable<int> {
        const auto guard = co_await changed.acquire();
        const int got = co_await changed.wait_for([&] {
            ++asked;
            EXPECT_TRUE(changed.locked());
            EXPECT_EQ(brio::current_task().name(), "the waiter");
            return value;
        });
        EXPECT_TRUE(changed.locked());
        co_return got;
    }, "the waiter");
    co_await settle();
    EXPECT_EQ(asked, 1);
    co_await notify(changed, 1);
    co_await settle();
    EXPECT_EQ(asked, 2);
    EXPECT_FALSE(waiting.done());
    EXPECT_FALSE(changed.locked()) << "given up again";
    value = 7;
    co_await settle();
    EXPECT_EQ(asked, 2) << "nobody said so";
    co_await notify(changed, 1);
    EXPECT_EQ(co_await waiting.join(), 7);
    EXPECT_EQ(asked, 3);
    EXPECT_FALSE(changed.locked());
}

BRIO_TEST(condition, CND_12_a_predicate_that_throws_ends_the_wait_with_the_lock_held) {
    condition changed;
    bool broken = false;
    std::string order;
    auto waiting = create_task([&]() -> awaitable<> {
        const auto guard = co_await changed.acquire();
        try {
            co_await changed.wait_for([&broken] {
                if (broken) throw std::runtime_error("cannot say");
                return false;
            });
        } catch (const std::runtime_error& e) {
            order += e.what();
            EXPECT_TRUE(changed.locked());
        }
    });
    co_await settle();
    broken = true;
    co_await notify(changed, 1);
    co_await waiting.join();
    EXPECT_EQ(order, "cannot say");
    EXPECT_FALSE(changed.locked());
}

BRIO_TEST(condition, CND_12_cancelled_while_waiting_and_by_the_predicate_itself) {
    for (const bool by_predicate : {false, true}) {
        condition changed;
        std::string order;
        bool stop = false;
        auto waiting = create_task([&]() -> awaitable<> {
            const auto guard = co_await changed.acquire();
            co_await changed.wait_for([&stop] {
                if (stop) brio::current_task().cancel("enough");
                return false;
            });
        });
        auto next = create_task(wait_once(changed, order, 'n'));
        co_await settle();
        stop = by_predicate;
        if (by_predicate) {
            co_await notify(changed, 1);
        } else {
            waiting.cancel("enough");
        }
        EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(enough)");
        co_await settle();
        EXPECT_EQ(next.done(), by_predicate) << "the notification was passed on";
        EXPECT_FALSE(changed.locked());
        next.cancel();
        static_cast<void>(co_await end_of(next.join()));
    }
}

BRIO_TEST(condition, CND_13_a_predicate_that_is_true_needs_neither_wait_nor_lock) {
    condition changed;
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    const auto value = co_await changed.wait_for([] { return std::make_unique<int>(3); });
    EXPECT_EQ(*value, 3);
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
    EXPECT_EQ(co_await end_of(changed.wait_for([] { return false; })),
              "condition.wait_for(): the lock is not held, take it first: auto guard = co_await condition.acquire()");
}

BRIO_TEST(condition, CND_16_a_wait_may_end_although_nothing_is_as_wished) {
    condition changed;
    int items = 0;
    std::string order;
    auto taker = [&](char name) -> awaitable<> {
        const auto guard = co_await changed.acquire();
        while (items == 0) {
            co_await changed.wait();
            order += name;
        }
        --items;
    };
    auto a = create_task(taker('a'));
    auto b = create_task(taker('b'));
    co_await settle();
    items = 1;
    co_await notify(changed, 2);
    co_await a.join();
    co_await settle();
    EXPECT_EQ(order, "ab");
    EXPECT_FALSE(b.done()) << "b found nothing and waits on";
    items = 1;
    co_await notify(changed, 1);
    co_await b.join();
    EXPECT_EQ(items, 0);
}

BRIO_TEST(condition, cancelled_before_it_starts_or_with_a_request_pending) {
    condition changed;
    std::string order;
    auto never = create_task(wait_once(changed, order, 'n'));
    never.cancel();
    EXPECT_EQ(co_await end_of(never.join()), "cancelled");
    auto pending = create_task([&]() -> awaitable<> {
        const auto guard = co_await changed.acquire();
        brio::current_task().cancel();
        co_await changed.wait();
    });
    EXPECT_EQ(co_await end_of(pending.join()), "cancelled");
    EXPECT_FALSE(changed.locked());
    EXPECT_EQ(order, "");
}

BRIO_TEST(condition, a_deadline_holds_the_lock_again) {
    condition changed;
    const auto guard = co_await changed.acquire();
    EXPECT_EQ(co_await end_of(brio::wait_for(changed.wait(), 1s)), "timeout");
    EXPECT_TRUE(changed.locked());
}

// The owner of the condition goes first: those who wait must not look at it any more.
TEST(condition, tasks_that_still_wait_when_their_loop_ends) {
    const captured_log log;
    std::vector<brio::task<>> waiting;
    {
        boost::asio::io_context context;
        brio::loop loop(context);
        auto wait = [](condition& changed) -> awaitable<> {
            auto guard = co_await changed.acquire();
            guard.detach();
            co_await changed.wait();
        };
        auto own = [&]() -> awaitable<> {
            condition changed;
            for (int i = 0; i < 3; ++i) waiting.push_back(create_task(wait(changed)));
            co_await settle();
            auto guard = co_await changed.acquire();
            changed.notify();  // the first one waits for the lock, the others for a notification
            co_await brio::sleep(1h);
        };
        loop.call_soon([&] { waiting.push_back(create_task(own)); });
        context.poll();
        EXPECT_EQ(waiting.size(), 4U);
    }
    for (auto& task : waiting) EXPECT_TRUE(task.cancelled());
}

// Notifications, cancels and holders at every point, under many schedules: all end, one at a time.
TEST(condition, report_25_no_notification_is_lost) {
    brio::testing::for_seeds(0, 40, []() -> awaitable<> {
        for (int turn = 0; turn < 12; ++turn) {
            condition changed;
            int items = 0;
            int taken = 0;
            int inside = 0;
            auto take = [&]() -> awaitable<> {
                const auto guard = co_await changed.acquire();
                struct leave {
                    int& count;
                    ~leave() { --count; }
                };
                co_await changed.wait_for([&items] { return items > 0; });
                EXPECT_EQ(++inside, 1);
                const leave on_exit{inside};
                --items;
                ++taken;
            };
            std::vector<brio::task<>> takers;
            for (int i = 0; i < 5; ++i) takers.push_back(create_task(take));
            auto give = create_task([&]() -> awaitable<> {
                for (int i = 0; i < 3; ++i) {
                    const auto guard = co_await changed.acquire();
                    ++items;
                    changed.notify();
                    co_await brio::sleep(0s);
                }
            });
            for (int i = 0; i < turn; ++i) co_await brio::sleep(0s);
            takers[static_cast<std::size_t>(turn) % 5].cancel();
            takers[static_cast<std::size_t>(turn + 2) % 5].cancel();
            co_await give.join();
            co_await brio::sleep(1s);
            EXPECT_EQ(items, 0) << "three were left to take three items";
            EXPECT_EQ(taken, 3);
            for (auto& taker : takers) taker.cancel();
            static_cast<void>(co_await brio::gather(brio::return_exceptions, takers));
            EXPECT_FALSE(changed.locked());
        }
    });
}

}  // namespace
