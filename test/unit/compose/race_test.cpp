// SPDX-License-Identifier: BSL-1.0
// race: who wins, what becomes of the losers, that no result and no cancel is lost.
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::race;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::slow_to_stop;
using brio_test::text_of;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

/// Gives `value` after an hour, or at once when it is cancelled.
awaitable<int> stubborn(int value) {
    try {
        co_await brio::sleep(1h);
    } catch (const brio::cancelled_error&) {
    }
    co_return value;
}

/// Takes that long to stop.
awaitable<int> slow_after_cancel(std::chrono::milliseconds length) {
    bool stopped = false;
    try {
        co_await brio::sleep(1h);
    } catch (const brio::cancelled_error&) {
        stopped = true;
    }
    co_await brio::sleep(length);
    if (stopped) throw brio::cancelled_error();
    co_return 0;
}

BRIO_TEST(race, the_first_value_wins_and_the_others_are_cancelled_and_awaited) {
    const auto begin = now();
    std::string log;
    const auto won = co_await race(slow_to_stop(3s, log, "a"), value_after(1s, 7), slow_to_stop(1s, log, "b"));
    EXPECT_EQ(won.index, 1U);
    EXPECT_EQ(won.value, 7);
    EXPECT_EQ(log, "ba") << "their clean-up has run";
    EXPECT_EQ(now() - begin, 4s);
    BRIO_ASSERT_EQ(won.losers.size(), 3U);
    EXPECT_TRUE(won.losers[0].cancelled());
    EXPECT_FALSE(won.losers[1]) << "the winner's place is empty";
    EXPECT_TRUE(won.losers[2].cancelled());
}

// A future that is cancelled has ended at once.
BRIO_TEST(race, futures_lose_against_what_is_done_already) {
    brio::promise<int> pending;
    brio::promise<int> done;
    done.set_value(3);
    const auto won = co_await race(pending.get_future(), done.get_future());
    EXPECT_EQ(won.index, 1U);
    EXPECT_TRUE(pending.cancelled());
    brio::promise<int> other;
    const auto mixed = co_await race(done.get_future(), slow_after_cancel(1s), other.get_future());
    EXPECT_EQ(mixed.index, 0U);
    EXPECT_TRUE(other.cancelled());
}

BRIO_TEST(race, the_first_error_wins_too) {
    const auto begin = now();
    auto slow = create_task(value_after(1h, 1));
    EXPECT_EQ(co_await end_of(race(error_after(1s, "first"), slow, error_after(2s, "second"))), "first");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_TRUE(slow.cancelled());
}

BRIO_TEST(race, a_range_and_no_values_at_all) {
    std::vector<awaitable<int>> all;
    for (int i = 3; i > 0; --i) all.push_back(value_after(std::chrono::seconds(i), i));
    const auto won = co_await race(std::move(all));
    EXPECT_EQ(won.index, 2U);
    EXPECT_EQ(won.value, 1);
    const auto slept = co_await race(brio::sleep(2s), brio::sleep(1s));
    EXPECT_EQ(slept.index, 1U);
    static_assert(std::is_same_v<decltype(slept.value), brio::nothing>);
}

BRIO_TEST(race, values_of_several_types_are_a_variant) {
    auto text = []() -> awaitable<std::string> {
        co_await brio::sleep(1s);
        co_return "text";
    };
    const auto won = co_await race(value_after(2s, 1), text(), brio::sleep(3s));
    BRIO_ASSERT_EQ(won.value.index(), 1U);
    EXPECT_EQ(won.index, 1U);
    EXPECT_EQ(std::get<1>(won.value), "text");
    EXPECT_TRUE(std::get<0>(won.losers).cancelled());
    EXPECT_FALSE(std::get<1>(won.losers));
    const auto slept = co_await race(value_after(2s, 1), brio::sleep(1s));
    EXPECT_EQ(slept.value.index(), 1U);
}

BRIO_TEST(race, one_that_is_cancelled_is_out_of_it) {
    auto out = create_task(value_after(1h, 1));
    brio::get_running_loop().call_later(1s, [&out] { out.cancel(); });
    EXPECT_EQ((co_await race(out, value_after(2s, 2))).value, 2);
    auto a = create_task(value_after(1h, 1));
    auto b = create_task(value_after(1h, 1));
    a.cancel("a");
    b.cancel("b");
    EXPECT_EQ(co_await end_of(race(a, b)), "cancelled(a)");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
}

BRIO_TEST(race, a_loser_that_ends_with_a_value_all_the_same_has_it_in_losers) {
    brio_test::reports reports;
    const auto won = co_await race(value_after(1s, 1), stubborn(2));
    EXPECT_EQ(won.value, 1);
    EXPECT_EQ(won.losers.at(1).result(), 2);
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(race, two_that_finish_at_once_lose_nothing) {
    brio::queue<int> queue;
    brio::queue<int> other;
    brio::get_running_loop().call_later(1s, [&] {
        queue.put_nowait(1);
        other.put_nowait(2);
    });
    const auto won = co_await race(queue.get(), other.get());
    // The other one has its item, or the item is in its queue still.
    const auto& loser = won.losers.at(1 - won.index);
    const std::size_t taken = loser.cancelled() ? 0 : 1;
    EXPECT_EQ(taken + queue.qsize() + other.qsize(), 1U);
    if (taken == 1) {
        EXPECT_EQ(won.value + loser.result(), 3);
    }
}

BRIO_TEST(race, the_error_of_a_loser_is_reported_unless_it_is_read) {
    auto fails_when_stopped = []() -> awaitable<int> {
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        throw std::runtime_error("clean-up failed");
        co_return 0;
    };
    brio_test::reports reports;
    {
        const auto won = co_await race(value_after(1s, 1), fails_when_stopped());
        EXPECT_EQ(text_of(won.losers.at(1).exception()), "clean-up failed");
    }
    EXPECT_EQ(reports.size(), 0U);
    static_cast<void>(co_await race(value_after(1s, 1), fails_when_stopped()));
    EXPECT_EQ(reports.size(), 1U);
}

BRIO_TEST(race, those_that_are_done_already_win_in_the_order_given) {
    auto a = create_task(value_after(2s, 1));
    auto b = create_task(value_after(1s, 2));
    co_await brio::sleep(3s);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    const auto won = co_await race(a, b);
    EXPECT_EQ(won.index, 0U);
    EXPECT_EQ(won.losers.at(1).result(), 2);
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
    EXPECT_EQ((co_await race(value_after(1h, 1), b)).index, 1U) << "who runs still is cancelled";
}

BRIO_TEST(race, a_shielded_task_survives_its_defeat) {
    auto kept = create_task(value_after(2s, 2));
    EXPECT_EQ((co_await race(value_after(1s, 1), brio::shield(kept))).value, 1);
    EXPECT_EQ(co_await kept.join(), 2);
}

BRIO_TEST(race, a_cancel_goes_to_all_and_waits_for_them) {
    const auto begin = now();
    std::string log;
    auto racing = create_task([&log]() -> awaitable<> {
        co_await race(slow_to_stop(3s, log, "a"), slow_to_stop(1s, log, "b"));
    });
    co_await brio::sleep(1s);
    racing.cancel("enough");
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled(enough)");
    EXPECT_EQ(log, "ba");
    EXPECT_EQ(now() - begin, 4s);
}

BRIO_TEST(race, a_second_cancel_reaches_those_that_take_their_time) {
    const auto begin = now();
    std::string log;
    auto racing = create_task([&log]() -> awaitable<> {
        co_await race(slow_to_stop(1h, log, "a"), value_after(1h, 1));
    });
    co_await brio::sleep(1s);
    racing.cancel();
    co_await brio::sleep(1s);
    racing.cancel();
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled");
    EXPECT_EQ(now() - begin, 2s);
    EXPECT_EQ(log, "");
}

BRIO_TEST(race, a_cancel_behind_a_winner_comes_after_the_result) {
    int got = 0;
    std::string log;
    auto racing = create_task([&]() -> awaitable<> {
        got = (co_await race(value_after(1s, 7), slow_to_stop(1h, log, "a"))).value;
        co_await brio::sleep(1h);
    });
    co_await brio::sleep(2s);
    EXPECT_EQ(got, 0) << "the loser cleans up";
    racing.cancel("late");
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled(late)");
    EXPECT_EQ(got, 7);
}

BRIO_TEST(race, one_that_swallows_the_cancel_and_returns_wins) {
    int got = 0;
    auto racing = create_task([&got]() -> awaitable<> { got = (co_await race(value_after(1h, 1), stubborn(2))).value; });
    co_await brio::sleep(1s);
    racing.cancel();
    EXPECT_EQ(co_await end_of(racing.join()), "done");
    EXPECT_EQ(got, 2);
    EXPECT_EQ(racing.cancelling(), 1);
}

BRIO_TEST(race, a_cancel_passed_on_too_late_comes_back) {
    brio::event signal;
    bool delivered = false;
    auto racing = create_task([&]() -> awaitable<> {
        co_await race(signal.wait(), brio::sleep(1h));
        delivered = true;
        co_await brio::sleep(2h);
    });
    co_await settle();
    signal.set();           // the contestant is woken
    racing.cancel("late");  // and has not run yet
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled(late)");
    EXPECT_TRUE(delivered);
}

BRIO_TEST(race, cancelled_before_it_waits) {
    bool began = false;
    auto racing = create_task([&began]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await race([](bool& ran) -> awaitable<> {
            ran = true;
            co_await brio::sleep(1h);
        }(began), brio::sleep(1h));
    });
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled(early)");
    EXPECT_FALSE(began);
}

BRIO_TEST(race, move_only_values_survive_g12) {
    auto boxed = [](int value, std::shared_ptr<int>) -> awaitable<std::unique_ptr<int>> {
        co_await brio::sleep(std::chrono::seconds(value));
        co_return std::make_unique<int>(value);
    };
    const auto alive = std::make_shared<int>(0);
    {
        auto won = co_await race(boxed(2, alive), boxed(1, alive));
        EXPECT_EQ(*won.value, 1);
        auto mixed = co_await race(boxed(1, alive), brio::sleep(2s));
        EXPECT_EQ(*std::get<0>(mixed.value), 1);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

BRIO_TEST(race, the_value_of_a_task_stays_in_it) {
    auto text = []() -> awaitable<std::string> { co_return "a text that is too long for a small buffer"; };
    auto task = create_task(text());
    const auto won = co_await race(task, task);
    EXPECT_EQ(won.value, task.result());
}

template <class... Xs>
concept raceable = requires(Xs... xs) { race(std::move(xs)...); };

BRIO_TEST(race, misuse_is_an_error_that_says_so) {
    static_assert(!raceable<>);
    static_assert(!raceable<int>);
    static_assert(!raceable<std::vector<int>>);
    std::vector<awaitable<int>> none;
    EXPECT_THROW(static_cast<void>(race(std::move(none))), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(race(brio::task<>())), brio::invalid_state_error);
    co_return;
}

TEST(race, outside_of_a_loop_is_an_error) {
    EXPECT_THROW(static_cast<void>(race(value_after(1s, 1))), brio::loop_error);
}

// The request comes back to the racing task, with its reason, while it is being passed on.
BRIO_TEST(race, a_cancel_that_goes_round_a_circle_reaches_all_with_its_reason) {
    brio::task<> racing;
    std::string seen;
    const std::string reason = "a reason that is too long to be stored in a small place";
    auto waits_for_the_racer = [&racing]() -> awaitable<> { co_await brio::gather(racing); };
    auto listens = [&seen]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error& e) {
            seen = e.message();
            throw;
        }
    };
    racing = create_task([&]() -> awaitable<> { co_await race(waits_for_the_racer(), listens()); });
    co_await settle();
    racing.cancel(reason);
    co_await settle();
    EXPECT_TRUE(racing.done());
    EXPECT_EQ(seen, reason);
    racing = {};
}

}  // namespace
