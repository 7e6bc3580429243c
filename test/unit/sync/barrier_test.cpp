// SPDX-License-Identifier: BSL-1.0
// barrier: rounds, the door, reset and abort (asyncio.md 2.18).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::barrier;
using brio::create_task;
using brio_test::end_of;
using brio_test::settle;
using phase = barrier::phase;

const std::string was_reset = "barrier.wait(): the barrier was reset while this task waited";
const std::string was_aborted = "barrier.wait(): the barrier was aborted; reset() makes it usable again";

using results = std::vector<std::string>;

// Waits and notes how that ended: the number or the error.
awaitable<> meet(barrier& target, results& ends) {
    std::string end;
    try {
        const std::size_t index = co_await target.wait();
        end = std::to_string(index);
    } catch (const brio::broken_barrier_error& e) {
        end = e.what();
    }
    ends.push_back(end);
}

std::vector<brio::task<>> meet_often(barrier& target, results& ends, int count) {
    std::vector<brio::task<>> tasks;
    for (int i = 0; i < count; ++i) tasks.push_back(create_task(meet(target, ends)));
    return tasks;
}

results repeated(std::size_t count, const std::string& text) { return results(count, text); }

results sorted(results ends) {
    std::sort(ends.begin(), ends.end());
    return ends;
}

results numbers(int count) {
    results all;
    for (int i = 0; i < count; ++i) all.push_back(std::to_string(i));
    return all;
}

TEST(barrier, BAR_1_fewer_than_one_party_is_an_error) {
    EXPECT_THROW(barrier(0), std::invalid_argument);
    try {
        barrier meeting(-5);
        ADD_FAILURE() << "made";
    } catch (const std::invalid_argument& e) {
        EXPECT_STREQ(e.what(), "a barrier for -5 tasks: the number must be 1 or more");
    }
    const barrier one(1);
    EXPECT_EQ(one.parties(), 1U);
    EXPECT_EQ(one.n_waiting(), 0U);
    EXPECT_FALSE(one.broken());
}

BRIO_TEST(barrier, BAR_2_the_last_one_releases_all_and_each_has_another_number) {
    barrier meeting(4);
    results ends;
    auto tasks = meet_often(meeting, ends, 3);
    co_await settle();
    EXPECT_TRUE(ends.empty());
    EXPECT_EQ(meeting.n_waiting(), 3U);
    EXPECT_EQ(co_await meeting.wait(), 3U);
    EXPECT_TRUE(ends.empty()) << "the last one does not suspend; the others run in a later turn";
    EXPECT_EQ(meeting.n_waiting(), 0U);
    co_await brio::gather(tasks);
    EXPECT_EQ(ends, numbers(3)) << "in order of arrival";
}

BRIO_TEST(barrier, BAR_2_numbers_are_different_also_when_somebody_left_before) {
    barrier meeting(3);
    results ends;
    auto tasks = meet_often(meeting, ends, 2);
    co_await settle();
    tasks[0].cancel();
    co_await settle();
    EXPECT_EQ(meeting.n_waiting(), 1U) << "as if it had never come";
    auto more = meet_often(meeting, ends, 2);
    co_await brio::gather(tasks[1], more[0], more[1]);
    EXPECT_EQ(sorted(ends), numbers(3));
    EXPECT_TRUE(tasks[0].cancelled());
}

BRIO_TEST(barrier, BAR_3_one_party_never_blocks) {
    barrier alone(1);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(co_await alone.wait(), 0U);
        EXPECT_EQ(alone.state(), phase::filling);
    }
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(barrier, BAR_5_it_can_be_used_again_at_once) {
    barrier meeting(3);
    std::vector<std::set<std::size_t>> rounds(5);
    auto visit = [&](int) -> awaitable<> {
        for (auto& round : rounds) {
            const std::size_t index = co_await meeting.wait();
            EXPECT_TRUE(round.insert(index).second);
        }
    };
    co_await brio::gather(visit(1), visit(2), visit(3));
    for (const auto& round : rounds) EXPECT_EQ(round.size(), 3U);
    EXPECT_EQ(meeting.state(), phase::filling);
}

BRIO_TEST(barrier, BAR_5_more_tasks_than_parties) {
    barrier meeting(3);
    results ends;
    auto tasks = meet_often(meeting, ends, 9);
    co_await brio::gather(tasks);
    EXPECT_EQ(ends.size(), 9U);
    for (const std::string& number : numbers(3)) EXPECT_EQ(std::count(ends.begin(), ends.end(), number), 3);
}

BRIO_TEST(barrier, BAR_6_draining_until_the_last_one_is_out) {
    barrier meeting(3);
    results ends;
    auto first = meet_often(meeting, ends, 2);
    co_await settle();
    EXPECT_EQ(meeting.state(), phase::filling);
    static_cast<void>(co_await meeting.wait());
    EXPECT_EQ(meeting.state(), phase::draining);
    EXPECT_EQ(meeting.n_waiting(), 0U);
    auto second = create_task(meet(meeting, ends));
    co_await brio::gather(first);
    EXPECT_EQ(ends, numbers(2));
    EXPECT_EQ(meeting.state(), phase::filling);
    co_await settle();
    EXPECT_EQ(meeting.n_waiting(), 1U);
    meeting.reset();
    co_await second.join();
}

// Gives a barrier that is draining, with `count` tasks at its door.
class crowd {
public:
    crowd(barrier& target, int parties, int count) : target_(target), parties_(parties), count_(count) {}

    awaitable<> gather_at_the_door() {
        auto inside = meet_often(target_, inside_ends, parties_ - 1);
        co_await settle();
        bool draining = false;
        // The last arrival begins before those at the door, all in one turn: none of those inside has run.
        last_ = create_task(meet(target_, inside_ends));
        outside = meet_often(target_, door_ends, count_);
        brio::get_running_loop().call_soon([&] {
            draining = target_.state() == phase::draining && inside_ends == results(1, std::to_string(parties_ - 1));
            at_that_moment();
        });
        co_await settle();
        EXPECT_TRUE(draining) << "the test is about tasks at the door";
        co_await brio::gather(inside);
        co_await last_.join();
    }

    std::function<void()> at_that_moment;
    results inside_ends;
    results door_ends;
    std::vector<brio::task<>> outside;

private:
    barrier& target_;
    int parties_;
    int count_;
    brio::task<> last_;
};

BRIO_TEST(barrier, BAR_6_the_door_opens_by_itself_round_after_round) {
    barrier meeting(2);
    crowd people(meeting, 2, 5);
    people.at_that_moment = [] {};
    co_await people.gather_at_the_door();
    co_await settle();
    EXPECT_EQ(people.door_ends.size(), 4U);
    EXPECT_EQ(meeting.n_waiting(), 1U);
    static_cast<void>(co_await meeting.wait());
    co_await brio::gather(people.outside);
    EXPECT_EQ(people.door_ends.size(), 5U);
}

BRIO_TEST(barrier, BAR_9_reset_of_an_idle_barrier) {
    barrier meeting(2);
    meeting.reset();
    meeting.reset();
    EXPECT_EQ(meeting.state(), phase::filling);
    EXPECT_FALSE(meeting.broken());
    results ends;
    auto tasks = meet_often(meeting, ends, 2);
    co_await brio::gather(tasks);
    EXPECT_EQ(sorted(ends), numbers(2));
}

BRIO_TEST(barrier, BAR_10_reset_sends_the_waiting_tasks_away) {
    barrier meeting(3);
    results ends;
    auto tasks = meet_often(meeting, ends, 2);
    co_await settle();
    meeting.reset();
    EXPECT_EQ(meeting.state(), phase::resetting);
    EXPECT_EQ(meeting.n_waiting(), 0U);
    EXPECT_FALSE(meeting.broken());
    co_await brio::gather(tasks);
    EXPECT_EQ(ends, repeated(2, was_reset));
    EXPECT_EQ(meeting.state(), phase::filling);
    ends.clear();
    tasks = meet_often(meeting, ends, 3);
    co_await brio::gather(tasks);
    EXPECT_EQ(sorted(ends), numbers(3)) << "usable again";
}

BRIO_TEST(barrier, BAR_10_those_sent_away_may_come_back_at_once) {
    barrier meeting(3);
    results ends;
    auto persistent = [&](int) -> awaitable<> {
        co_await meet(meeting, ends);
        co_await meet(meeting, ends);
    };
    auto a = create_task(persistent(1));
    auto b = create_task(persistent(2));
    co_await settle();
    meeting.reset();
    co_await settle();
    EXPECT_EQ(ends, repeated(2, was_reset));
    EXPECT_EQ(meeting.n_waiting(), 2U);
    EXPECT_EQ(co_await meeting.wait(), 2U);
    co_await brio::gather(a, b);
}

BRIO_TEST(barrier, BAR_12_reset_leaves_those_at_the_door_alone) {
    barrier meeting(3);
    crowd people(meeting, 3, 3);
    people.at_that_moment = [&meeting] { meeting.reset(); };
    co_await people.gather_at_the_door();
    EXPECT_EQ(sorted(people.inside_ends), numbers(3)) << "they had been let go before the reset";
    co_await brio::gather(people.outside);
    EXPECT_EQ(sorted(people.door_ends), numbers(3)) << "they entered afterwards";
    EXPECT_EQ(meeting.state(), phase::filling);
}

BRIO_TEST(barrier, BAR_12_those_who_come_while_others_are_sent_away) {
    barrier meeting(2);
    results ends;
    auto sent_away = create_task(meet(meeting, ends));
    co_await settle();
    results late_ends;
    auto late = meet_often(meeting, late_ends, 2);  // begin before the one sent away runs
    meeting.reset();
    co_await brio::gather(late);
    co_await sent_away.join();
    EXPECT_EQ(ends, repeated(1, was_reset));
    EXPECT_EQ(sorted(late_ends), numbers(2));
}

BRIO_TEST(barrier, BAR_13_reset_after_all_have_left) {
    barrier meeting(2);
    results ends;
    auto tasks = meet_often(meeting, ends, 2);
    co_await brio::gather(tasks);
    meeting.reset();
    tasks = meet_often(meeting, ends, 1);
    co_await settle();
    EXPECT_EQ(meeting.n_waiting(), 1U);
    EXPECT_EQ(co_await meeting.wait(), 1U);
    co_await tasks[0].join();
    EXPECT_EQ(sorted(ends), (results{"0", "0", "1"}));
}

BRIO_TEST(barrier, BAR_14_abort_breaks_it_for_those_inside_and_for_later_ones) {
    barrier meeting(3);
    results ends;
    auto tasks = meet_often(meeting, ends, 2);
    co_await settle();
    meeting.abort();
    EXPECT_TRUE(meeting.broken());
    EXPECT_EQ(meeting.state(), phase::broken);
    co_await brio::gather(tasks);
    EXPECT_EQ(ends, repeated(2, was_aborted));
    EXPECT_EQ(co_await end_of(meeting.wait()), was_aborted);
    EXPECT_TRUE(meeting.broken()) << "until it is reset";
    meeting.abort();
    meeting.reset();
    EXPECT_EQ(meeting.state(), phase::filling);
    ends.clear();
    tasks = meet_often(meeting, ends, 3);
    co_await brio::gather(tasks);
    EXPECT_EQ(sorted(ends), numbers(3));
}

BRIO_TEST(barrier, BAR_14_abort_breaks_it_for_those_at_the_door) {
    barrier meeting(3);
    crowd people(meeting, 3, 4);
    people.at_that_moment = [&meeting] { meeting.abort(); };
    co_await people.gather_at_the_door();
    EXPECT_EQ(sorted(people.inside_ends), numbers(3)) << "they had got through";
    co_await brio::gather(people.outside);
    EXPECT_EQ(people.door_ends, repeated(4, was_aborted));
    EXPECT_TRUE(meeting.broken());
}

BRIO_TEST(barrier, BAR_14_abort_then_reset_before_anybody_has_left) {
    barrier meeting(3);
    results ends;
    auto tasks = meet_often(meeting, ends, 2);
    co_await settle();
    meeting.abort();
    meeting.reset();
    EXPECT_EQ(meeting.state(), phase::resetting);
    co_await brio::gather(tasks);
    EXPECT_EQ(ends, repeated(2, was_aborted));
    EXPECT_EQ(meeting.state(), phase::filling);
}

BRIO_TEST(barrier, cancelled_before_it_starts_inside_and_at_the_door) {
    barrier meeting(2);
    auto never = create_task(meeting.wait());
    never.cancel();
    EXPECT_EQ(co_await end_of(never.join()), "cancelled");
    EXPECT_EQ(meeting.n_waiting(), 0U);
    auto inside = create_task(meeting.wait());
    co_await settle();
    inside.cancel();
    EXPECT_EQ(meeting.n_waiting(), 0U);
    EXPECT_EQ(co_await end_of(inside.join()), "cancelled");

    crowd people(meeting, 2, 2);
    people.at_that_moment = [&people] { people.outside[0].cancel(); };
    co_await people.gather_at_the_door();
    co_await settle();
    EXPECT_TRUE(people.outside[0].cancelled());
    EXPECT_EQ(meeting.n_waiting(), 1U);
    EXPECT_EQ(co_await meeting.wait(), 1U);
    co_await people.outside[1].join();
}

BRIO_TEST(barrier, a_task_that_was_let_go_or_sent_away_hears_that_before_the_cancel) {
    for (const bool reset : {false, true}) {
        barrier meeting(2);
        std::string end;
        auto task = create_task([&]() -> awaitable<> {
            end = co_await end_of(meeting.wait());
            co_await brio::sleep(1h);
            end += " and slept";
        });
        co_await settle();
        if (reset) {
            meeting.reset();
        } else {
            static_cast<void>(co_await meeting.wait());
        }
        task.cancel();
        EXPECT_EQ(co_await end_of(task.join()), "cancelled");
        EXPECT_EQ(end, reset ? was_reset : "a value");
        EXPECT_EQ(meeting.state(), phase::filling);
    }
}

// Under many schedules, with cancels and newcomers: each complete round has each number once, and nobody is stuck
// while enough tasks wait.
TEST(barrier, cancels_at_every_point) {
    brio::testing::for_seeds(0, 40, []() -> awaitable<> {
        for (int turn = 0; turn < 8; ++turn) {
            barrier meeting(3);
            results ends;
            auto tasks = meet_often(meeting, ends, 8);
            for (int i = 0; i < turn; ++i) co_await brio::sleep(0s);
            tasks[static_cast<std::size_t>(turn)].cancel();
            co_await brio::sleep(1s);
            EXPECT_LT(meeting.n_waiting(), 3U);
            EXPECT_EQ(ends.size() % 3, 0U);
            EXPECT_GE(ends.size(), 6U);
            for (const std::string& number : numbers(3)) {
                EXPECT_EQ(std::count(ends.begin(), ends.end(), number), static_cast<std::ptrdiff_t>(ends.size() / 3));
            }
            meeting.abort();
            static_cast<void>(co_await brio::gather(brio::return_exceptions, tasks));
        }
    });
}

}  // namespace
