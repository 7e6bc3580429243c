// SPDX-License-Identifier: BSL-1.0
// Every scenario: a cancel at every step, and its steps in hundreds of orders, random ones and such by priority.
#include "proof/world.hpp"

#include <brio/testing/schedule.hpp>

#include <iostream>
#include <string>

namespace {

using brio::testing::scenario_options;
using brio::testing::scenario_report;
using brio_proof::entry;

constexpr std::uint64_t seeds = 340;

// 20,000 random schedules in all.
TEST(proofs, cover_enough) {
    EXPECT_GE(brio_proof::all_scenarios().size(), 60U);
    EXPECT_GE(brio_proof::all_scenarios().size() * seeds, 20'000U);
}

class proof : public ::testing::TestWithParam<entry> {};

void show(const scenario_report& report) {
    ::testing::Test::RecordProperty("runs", static_cast<int>(report.runs));
    std::cout << "  " << report.runs << " runs, " << report.injected << " cancelled\n";
}

// Siblings of a scenario that ended early have not been asked to stop; what can end by itself has its time.
scenario_options bounds() { return scenario_options().time_limit(std::chrono::seconds(60)).allow_leftovers(); }

TEST_P(proof, cancellation_sweep) {
    show(brio::testing::cancel_at_each_await(brio_proof::checked(GetParam()), bounds().every_task()));
}

TEST_P(proof, cancellation_sweep_in_other_orders) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        cancel_at_each_await(brio_proof::checked(GetParam()), bounds().every_task().seed(seed));
    }
}

TEST_P(proof, random_schedules) {
    const scenario_report report = brio::testing::for_each_seed(brio_proof::checked(GetParam()), 0, seeds, bounds());
    EXPECT_TRUE(report.failed || report.runs == seeds || brio::testing::seed_from_environment());
    show(report);
}

TEST_P(proof, priority_schedules) {
    std::size_t runs = 0;
    for (int changes = 0; changes < 4; ++changes) {
        const auto options = bounds().priorities(changes);
        const scenario_report report = brio::testing::for_each_seed(brio_proof::checked(GetParam()), 0, seeds / 4, options);
        runs += report.runs;
        if (report.failed) break;
    }
    std::cout << "  " << runs << " runs\n";
}

INSTANTIATE_TEST_SUITE_P(core, proof, ::testing::ValuesIn(brio_proof::all_scenarios()),
                         [](const ::testing::TestParamInfo<entry>& item) { return std::string(item.param.name); });

}  // namespace
