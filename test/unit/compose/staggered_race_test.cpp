// SPDX-License-Identifier: BSL-1.0
// staggered_race: who is started when, who wins, what an end in failure looks like (EAG-12, SRV-36 to SRV-40).
#include "unit/compose/no_task_after.hpp"
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::staggered_race;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::no_task_after;
using brio_test::settle;
using brio_test::slow_to_stop;
using brio_test::text_of;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

/// Writes down which candidate began when.
class starts {
public:
    awaitable<std::string> candidate(char name, std::chrono::milliseconds length, bool succeeds) {
        text += std::string(1, name) + std::to_string((now() - begin_) / 1ms) + " ";
        if (length > 0ms) co_await brio::sleep(length);
        if (!succeeds) throw std::runtime_error(std::string(1, name) + " failed");
        co_return std::string(1, name);
    }

    std::string text;

private:
    std::chrono::steady_clock::time_point begin_ = now();
};

BRIO_TEST(staggered_race, EAG_12_SRV_37_SRV_38_an_instant_failure_starts_the_next_at_once) {
    starts s;
    const auto begin = now();
    const auto won = co_await staggered_race(10s, s.candidate('a', 0ms, false), s.candidate('b', 0ms, true),
                                             s.candidate('c', 0ms, true));
    EXPECT_EQ(won.index, 1U);
    EXPECT_EQ(won.value, "b");
    EXPECT_EQ(s.text, "a0 b0 ") << "the first winner stops the start of more";
    EXPECT_EQ(now(), begin);
    BRIO_ASSERT_EQ(won.losers.size(), 2U) << "those that were started";
    EXPECT_EQ(text_of(won.losers[0].exception()), "a failed");
    EXPECT_FALSE(won.losers[1]);
}

BRIO_TEST(staggered_race, EAG_12_without_a_delay_only_a_failure_starts_the_next) {
    starts s;
    const auto won = co_await staggered_race(std::nullopt, s.candidate('a', 2000ms, false), s.candidate('b', 3000ms, true),
                                             s.candidate('c', 0ms, true));
    EXPECT_EQ(won.value, "b");
    EXPECT_EQ(s.text, "a0 b2000 ");
}

BRIO_TEST(staggered_race, SRV_39_the_next_starts_when_the_delay_is_over) {
    starts s;
    const auto begin = now();
    const auto won = co_await staggered_race(250ms, s.candidate('a', 1000ms, true), s.candidate('b', 600ms, true),
                                             s.candidate('c', 10000ms, true));
    EXPECT_EQ(won.value, "b");
    EXPECT_EQ(s.text, "a0 b250 c500 ");
    EXPECT_EQ(now() - begin, 850ms);
    EXPECT_TRUE(won.losers.at(0).cancelled());
    EXPECT_TRUE(won.losers.at(2).cancelled());
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
}

BRIO_TEST(staggered_race, the_failure_of_an_earlier_one_starts_nothing) {
    starts s;
    co_await staggered_race(300ms, s.candidate('a', 400ms, false), s.candidate('b', 1000ms, true), s.candidate('c', 5000ms, true));
    EXPECT_EQ(s.text, "a0 b300 c600 ") << "a failed at 400";
}

BRIO_TEST(staggered_race, an_earlier_one_may_still_win) {
    starts s;
    const auto won = co_await staggered_race(300ms, s.candidate('a', 400ms, true), s.candidate('b', 1000ms, true));
    EXPECT_EQ(won.index, 0U);
    EXPECT_EQ(s.text, "a0 b300 ");
}

BRIO_TEST(staggered_race, no_delay_at_all_is_the_first_success_of_all) {
    starts s;
    const auto begin = now();
    const auto won = co_await staggered_race(0s, s.candidate('a', 3000ms, true), s.candidate('b', 1000ms, false),
                                             s.candidate('c', 2000ms, true));
    EXPECT_EQ(won.value, "c");
    EXPECT_EQ(s.text, "a0 b0 c0 ");
    EXPECT_EQ(now() - begin, 2s);
}

awaitable<int> gives_up() {
    co_await brio::sleep(0s);
    throw brio::cancelled_error("gave up");
}

BRIO_TEST(staggered_race, SRV_40_when_all_fail_every_error_is_thrown_in_the_order_of_the_candidates) {
    brio_test::reports reports;
    starts s;
    EXPECT_EQ(co_await end_of(staggered_race(1s, s.candidate('a', 5000ms, false), s.candidate('b', 100ms, false),
                                             s.candidate('c', 1000ms, false))),
              "{a failed b failed c failed}");
    EXPECT_EQ(s.text, "a0 b1000 c1100 ");
    EXPECT_EQ(co_await end_of(staggered_race(1s, error_after(0s, "the only one"))), "{the only one}") << "one rule for all counts";
    EXPECT_EQ(co_await end_of(staggered_race(1s, gives_up(), error_after(0s, "an error"), gives_up(), error_after(0s, "another"))),
              "{an error another}");
    EXPECT_EQ(co_await end_of(staggered_race(1s, gives_up(), gives_up())), "cancelled(gave up)");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
    co_await settle();
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(staggered_race, SRV_40_the_group_says_which_task_failed) {
    std::string text;
    try {
        co_await staggered_race(1s, error_after(0s, "first"), error_after(0s, "second"));
    } catch (const brio::exception_group& failed) {
        EXPECT_EQ(failed.message(), "no candidate of the staggered race succeeded");
        EXPECT_EQ(failed.size(), 2U);
        text = failed.what();
        for (const auto& member : failed.exceptions()) EXPECT_NE(text.find(member.task()), std::string::npos) << text;
    }
    EXPECT_NE(text.find("first"), std::string::npos) << text;
    EXPECT_NE(text.find("second"), std::string::npos) << text;
}

BRIO_TEST(staggered_race, SRV_40_of_two_that_succeed_at_the_same_moment_one_wins) {
    const auto won = co_await staggered_race(0s, value_after(1s, 0), value_after(1s, 1));
    EXPECT_LT(won.index, 2U);
    EXPECT_EQ(won.value, static_cast<int>(won.index));
    EXPECT_EQ(won.losers.at(1 - won.index).result(), static_cast<int>(1 - won.index)) << "it was done as well: nothing is lost";
}

BRIO_TEST(staggered_race, a_candidate_that_cannot_be_started_stops_those_that_run) {
    brio_test::reports reports;
    std::string log;
    const auto begin = now();
    {
        const no_task_after limit(2);
        EXPECT_EQ(co_await end_of(staggered_race(1s, slow_to_stop(3s, log, "a"), slow_to_stop(1s, log, "b"), value_after(0s, 1),
                                                 value_after(0s, 2))),
                  "no more tasks");
    }
    EXPECT_EQ(log, "ba");
    EXPECT_EQ(now() - begin, 5s) << "they have cleaned up";
    EXPECT_EQ(brio::all_tasks().size(), 1U);
    EXPECT_EQ(brio::current_task().cancelling(), 0);
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(staggered_race, the_first_candidate_cannot_be_started) {
    const no_task_after limit(0);
    EXPECT_EQ(co_await end_of(staggered_race(1s, value_after(0s, 1), value_after(0s, 2))), "no more tasks");
}

BRIO_TEST(staggered_race, a_candidate_cannot_be_started_and_a_cancel_comes_meanwhile) {
    std::string log;
    std::string end;
    auto racing = create_task([&]() -> awaitable<> {
        end = co_await end_of(staggered_race(1s, slow_to_stop(1h, log, "a"), value_after(0s, 1)));
        co_await brio::sleep(1h);
    });
    co_await brio::sleep(500ms);
    {
        const no_task_after limit(0);
        co_await brio::sleep(1s);
    }
    EXPECT_EQ(end, "") << "a cleans up";
    racing.cancel("hurry");
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled(hurry)");
    EXPECT_EQ(end, "no more tasks") << "the error first, the cancel at the next suspension";
}

BRIO_TEST(staggered_race, one_that_succeeds_although_the_next_could_not_be_started_has_won) {
    auto stubborn = []() -> awaitable<int> {
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        co_return 5;
    };
    const no_task_after limit(1);
    EXPECT_EQ((co_await staggered_race(1s, stubborn(), value_after(0s, 1))).value, 5);
}

BRIO_TEST(staggered_race, failures_before_a_success_are_not_reported) {
    brio_test::reports reports;
    co_await staggered_race(1s, error_after(0s, "expected"), value_after(1s, 1));
    co_await settle();
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(staggered_race, losers_have_cleaned_up_when_it_ends) {
    std::string log;
    const auto begin = now();
    const auto won = co_await staggered_race(1s, slow_to_stop(5s, log, "a"), value_after(1s, 7));
    EXPECT_EQ(won.value, 7);
    EXPECT_EQ(log, "a");
    EXPECT_EQ(now() - begin, 7s);
}

BRIO_TEST(staggered_race, a_cancel_goes_to_those_that_run_and_starts_no_more) {
    std::string log;
    bool began = false;
    auto third = [](bool& ran) -> awaitable<int> {
        ran = true;
        co_return 0;
    };
    const auto begin = now();
    auto racing = create_task([&]() -> awaitable<> {
        co_await staggered_race(1s, slow_to_stop(3s, log, "a"), slow_to_stop(1s, log, "b"), third(began));
    });
    co_await brio::sleep(1500ms);
    racing.cancel("enough");
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled(enough)");
    EXPECT_EQ(log, "ba");
    EXPECT_FALSE(began);
    EXPECT_EQ(now() - begin, 4500ms);
}

BRIO_TEST(staggered_race, a_second_cancel_reaches_those_that_take_their_time) {
    std::string log;
    const auto begin = now();
    auto racing = create_task([&log]() -> awaitable<> { co_await staggered_race(1s, slow_to_stop(1h, log, "a")); });
    co_await brio::sleep(1s);
    racing.cancel();
    co_await brio::sleep(1s);
    racing.cancel();
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled");
    EXPECT_EQ(now() - begin, 2s);
}

BRIO_TEST(staggered_race, a_cancel_behind_a_winner_comes_after_the_result) {
    std::string log;
    int got = 0;
    auto racing = create_task([&]() -> awaitable<> {
        got = (co_await staggered_race(1s, slow_to_stop(1h, log, "a"), value_after(1s, 7))).value;
        co_await brio::sleep(1h);
    });
    co_await brio::sleep(3s);
    EXPECT_EQ(got, 0) << "the loser cleans up";
    racing.cancel("late");
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled(late)");
    EXPECT_EQ(got, 7);
}

BRIO_TEST(staggered_race, a_success_in_spite_of_a_cancel_is_delivered_and_the_cancel_kept) {
    int got = 0;
    auto stubborn = []() -> awaitable<int> {
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        co_return 5;
    };
    auto racing = create_task([&]() -> awaitable<> {
        got = (co_await staggered_race(1s, stubborn())).value;
        co_await brio::sleep(1h);
    });
    co_await brio::sleep(1s);
    racing.cancel();
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled");
    EXPECT_EQ(got, 5);
}

BRIO_TEST(staggered_race, cancelled_before_it_starts_or_waits) {
    starts s;
    auto racing = create_task(staggered_race(1s, s.candidate('a', 1000ms, true)));
    racing.cancel();
    EXPECT_EQ(co_await end_of(racing.join()), "cancelled");
    auto second = create_task([&s]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await staggered_race(1s, s.candidate('b', 1000ms, true));
    });
    EXPECT_EQ(co_await end_of(second.join()), "cancelled(early)");
    EXPECT_EQ(s.text, "");
}

BRIO_TEST(staggered_race, functions_operations_ranges_and_no_values) {
    const auto text = std::make_shared<std::string>("kept");
    auto function = [text]() -> awaitable<std::string> {
        co_await brio::sleep(1s);
        co_return *text;
    };
    EXPECT_EQ((co_await staggered_race(1s, function)).value, "kept");
    brio::event signal;
    const auto slept = co_await staggered_race(1s, signal.wait(), brio::sleep(1s));
    EXPECT_EQ(slept.index, 1U);
    static_assert(std::is_same_v<decltype(slept.value), brio::nothing>);
    std::vector<awaitable<int>> all;
    all.push_back(error_after(1s, "first"));
    all.push_back(value_after(1s, 2));
    EXPECT_EQ((co_await staggered_race(10s, std::move(all))).value, 2);
}

template <class... Xs>
concept raceable = requires(Xs... xs) { staggered_race(1s, std::move(xs)...); };

TEST(staggered_race, SRV_36_misuse_is_an_error_that_says_so) {
    static_assert(raceable<awaitable<int>>);
    static_assert(!raceable<>);
    static_assert(!raceable<awaitable<int>, awaitable<>>);
    static_assert(!raceable<brio::task<int>>, "a task runs already");
    std::vector<awaitable<int>> none;
    EXPECT_THROW(static_cast<void>(staggered_race(1s, std::move(none))), std::invalid_argument);
}

}  // namespace
