// SPDX-License-Identifier: BSL-1.0
// One run per seed.
#include <brio/testing/for_each_seed.hpp>

#include "testing/sweep.hpp"

#include <brio/testing/schedule.hpp>

namespace brio::inline v0::testing {

namespace {

class seed_sweep final : public sweep {
public:
    using sweep::sweep;

    void attempt(std::uint64_t seed) {
        failure_collector failures;
        expect_plain_end(run_once(std::nullopt, seed));
        finish(failures, "schedule seed " + std::to_string(seed) + ", repeat with BRIO_TEST_SEED=" + std::to_string(seed));
    }
};

}  // namespace

scenario_report for_each_seed(const scenario& body, std::uint64_t first, std::uint64_t last,
                              const scenario_options& options) {
    seed_sweep all("for_each_seed", body, options);
    if (const auto only = seed_from_environment()) {
        all.attempt(*only);
    } else {
        for (std::uint64_t seed = first; seed < last && !all.report().failed; ++seed) all.attempt(seed);
    }
    return all.report();
}

}  // namespace brio::inline v0::testing
