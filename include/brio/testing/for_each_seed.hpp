// SPDX-License-Identifier: BSL-1.0
// for_each_seed: is the code right in whatever order its tasks run?
#pragma once

#include <brio/core/config.hpp>
#include <brio/testing/scenario.hpp>

#include <cstdint>

namespace brio::inline v0::testing {

/// Runs `body` once for every seed in [first, last), with that seed's schedule: the steps of each turn in another order,
/// a random one or, with `scenario_options::priorities`, one by priorities that change a few times.
/// A GoogleTest failure is recorded, and the seeds end there, if a run does not end with a value, hangs, leaves
/// something behind, or if one of the scenario's checks fails, as for `cancel_at_each_await`. It names the seed:
/// `BRIO_TEST_SEED=17` runs that one only.
BRIO_API scenario_report for_each_seed(const scenario& body, std::uint64_t first, std::uint64_t last,
                                       const scenario_options& options = scenario_options());

}  // namespace brio::inline v0::testing
