// SPDX-License-Identifier: BSL-1.0
// Orders of the ready queue: what a seed means, priorities and when they change, FIFO for those who need it.
#include "failures_of.hpp"

#include <brio/testing/schedule.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::for_each_seed;
using brio::testing::priority_order;
using brio::testing::scenario_options;
using brio::testing::with_state;

awaitable<> note(std::string& log, char letter, int turns) {
    for (int i = 0; i < turns; ++i) {
        co_await brio::sleep(0s);
        log += letter;
    }
}

/// What two tasks write, turn by turn, under a schedule by priority.
std::string two_tasks_under(std::uint64_t seed, int changes, int turns = 8) {
    std::string log;
    priority_order order(seed, changes);
    brio::testing::virtual_clock clock;
    const auto body = [&]() -> awaitable<> { co_await brio::gather(note(log, 'a', turns), note(log, 'b', turns)); };
    brio::run(body(), brio::run_options().handle_sigint(false).on_loop([&](brio::loop& made) {
        clock.attach(made);
        made.scheduler().use_order(&order);
    }));
    return log;
}

/// In how many turns the other one was first than in the turn before.
int switches_in(const std::string& log) {
    int count = 0;
    for (std::size_t i = 2; i + 1 < log.size(); i += 2) count += log[i] != log[i - 2] ? 1 : 0;
    return count;
}

TEST(priority_order, without_changes_the_same_task_is_first_in_every_turn) {
    std::set<char> first;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::string log = two_tasks_under(seed, 0);
        ASSERT_EQ(log.size(), 16U);
        EXPECT_EQ(switches_in(log), 0) << log;
        first.insert(log.front());
    }
    EXPECT_EQ(first.size(), 2U) << "which one is left to the seed";
}

TEST(priority_order, each_change_switches_once_at_most) {
    int most = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const int switches = switches_in(two_tasks_under(seed, 3));
        EXPECT_LE(switches, 3) << "seed " << seed;
        most = std::max(most, switches);
    }
    EXPECT_GE(most, 2);
}

TEST(priority_order, a_seed_gives_one_schedule) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const std::string log = two_tasks_under(seed, 3);
        EXPECT_EQ(log, two_tasks_under(seed, 3));
        orders.insert(log);
    }
    EXPECT_GT(orders.size(), 10U);
}

TEST(priority_order, a_turn_is_a_turn) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const std::string log = two_tasks_under(seed, 3);
        for (std::size_t i = 0; i + 1 < log.size(); i += 2) EXPECT_NE(log[i], log[i + 1]) << log << ", seed " << seed;
    }
}

TEST(priority_order, callbacks_are_drawn_anew) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        std::string log;
        priority_order order(seed, 1);
        brio::loop loop;
        loop.scheduler().use_order(&order);
        for (const char letter : {'a', 'b', 'c', 'd'}) loop.call_soon([&log, letter] { log += letter; });
        loop.call_soon([&loop] { loop.stop(); });
        loop.run_forever();
        EXPECT_EQ(log.size(), 4U);
        orders.insert(log);
    }
    EXPECT_GT(orders.size(), 10U);
}

struct letters {
    std::string text;
};

awaitable<> two(letters& l) { co_await brio::gather(note(l.text, 'a', 6), note(l.text, 'b', 6)); }

// A bug that needs one task ahead of the other six times in a row.
void expect_a_break(letters& l) { EXPECT_NE(l.text, "babababababa"); }

TEST(priority_order, finds_what_uniform_chance_seldom_gives) {
    const brio_test::without_seed every;
    const auto program = with_state<letters>(two, expect_a_break);
    const auto options = scenario_options().priorities();
    std::size_t runs = 0;
    const std::string text = brio_test::failures_during([&] {
        const auto report = for_each_seed(program, 0, 100, options);
        EXPECT_TRUE(report.failed);
        runs = report.runs;
    });
    EXPECT_LT(runs, 20U);
    const auto at = text.find("BRIO_TEST_SEED=");
    ASSERT_NE(at, std::string::npos) << text;
    const std::uint64_t seed = std::stoull(text.substr(at + 15));
    EXPECT_NE(brio_test::failures_during([&] { for_each_seed(program, seed, seed + 1, options); }), "") << "it repeats";
}

TEST(priority_order, serves_the_sweep_too) {
    const auto report = brio::testing::cancel_at_each_await(with_state<letters>(two), scenario_options().seed(3).priorities(2).every_task());
    EXPECT_FALSE(report.failed);
    EXPECT_GT(report.injected, 20U);
}

TEST(fifo, a_test_that_needs_the_order_has_it_whatever_the_environment_says) {
    const brio_test::without_seed restored;
    ::setenv("BRIO_TEST_SEED", "17", 1);
    std::string log;
    const auto body = [&log]() -> awaitable<> {
        std::vector<awaitable<>> all;
        for (const char letter : std::string("abcdefgh")) all.push_back(note(log, letter, 2));
        co_await brio::gather(std::move(all));
    };
    brio::testing::run_case(body, brio::testing::case_options().fifo());
    EXPECT_EQ(log, "abcdefghabcdefgh");
    log.clear();
    brio::testing::run_case(body);
    EXPECT_NE(log, "abcdefghabcdefgh");
    ::unsetenv("BRIO_TEST_SEED");
}

BRIO_TEST_FIFO(fifo, has_a_macro) {
    std::string log;
    co_await brio::gather(note(log, 'a', 2), note(log, 'b', 2), note(log, 'c', 2));
    EXPECT_EQ(log, "abcabc");
}

}  // namespace
