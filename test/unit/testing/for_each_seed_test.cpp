// SPDX-License-Identifier: BSL-1.0
// Scenarios under random schedules.
#include "failures_of.hpp"

#include <cstdlib>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::for_each_seed;
using brio::testing::with_state;
using brio_test::contains;
using brio_test::failures_during;

struct letters {
    std::string text;
};

awaitable<> race(letters& l) {
    const auto note = [](letters& out, char c) -> awaitable<> {
        co_await brio::sleep(0s);
        out.text += c;
    };
    co_await brio::gather(note(l, 'a'), note(l, 'b'), note(l, 'c'));
}

void expect_not_last_first(letters& l) { EXPECT_NE(l.text, "cba") << "the rare order"; }

TEST(for_each_seed, runs_every_seed) {
    const brio_test::without_seed all;
    EXPECT_EQ(for_each_seed(with_state<letters>(race), 5, 25).runs, 20U);
}

TEST(for_each_seed, finds_the_order_that_breaks_and_its_seed_repeats_it) {
    const brio_test::without_seed every;
    const auto all = with_state<letters>(race, expect_not_last_first);
    const std::string text = failures_during([&] { EXPECT_TRUE(for_each_seed(all, 0, 100).failed); });
    EXPECT_TRUE(contains(text, "the rare order")) << text;
    const auto at = text.find("BRIO_TEST_SEED=");
    ASSERT_NE(at, std::string::npos) << text;
    const std::uint64_t seed = std::stoull(text.substr(at + 15));
    EXPECT_TRUE(contains(failures_during([&] { for_each_seed(all, seed, seed + 1); }), "the rare order"));
}

TEST(for_each_seed, runs_only_the_seed_that_the_environment_asks_for) {
    const brio_test::without_seed restored;
    ::setenv("BRIO_TEST_SEED", "17", 1);
    const auto report = for_each_seed(with_state<letters>(race), 0, 100);
    ::unsetenv("BRIO_TEST_SEED");
    EXPECT_EQ(report.runs, 1U);
}

TEST(for_each_seed, a_scenario_that_ends_with_an_error_is_a_failure) {
    const brio_test::without_seed every;
    const std::string text = failures_during([] {
        for_each_seed([]() -> awaitable<> {
            co_await brio::sleep(1s);
            throw std::runtime_error("an error");
        }, 0, 10);
    });
    EXPECT_TRUE(contains(text, "std::runtime_error: an error")) << text;
    EXPECT_TRUE(contains(text, "BRIO_TEST_SEED=0")) << text;
}

}  // namespace
