// SPDX-License-Identifier: BSL-1.0
// One run of a scenario, with a cancel put in somewhere if wished, and the checks that hold for every run.
#pragma once

#include <brio/testing/scenario.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace brio::inline v0::testing {

/// Where a cancel is put in.
enum class moment : std::uint8_t {
    before_step,  ///< before the k-th step, which may be the resumption of a wait that has its result already
    after_step,   ///< in the turn behind the k-th step: its task waits, nothing has come for it
    in_step,      ///< at the k-th cancel_point(), inside a running step
};

struct cancel_plan {
    moment when = moment::before_step;
    std::uint64_t step = 0;
    std::size_t victim = 0;  ///< index into the tasks that live at that moment; 0 is the scenario itself
    int times = 1;           ///< 2: twice at once; 3: once more in the next turn
};

struct trial_result {
    std::uint64_t steps = 0;
    std::uint64_t points = 0;
    std::size_t most_tasks = 0;
    int cancels = 0;     ///< requests that were accepted
    std::string victim;  ///< what the cancelled task was doing
    std::string end;     ///< "value", or what the scenario ended with
};

/// Runs `what` once, under `seed` if there is one, and records a failure for what must not be.
trial_result run_trial(const scenario& what, const scenario_options& options, std::optional<cancel_plan> plan,
                       std::optional<std::uint64_t> seed);

}  // namespace brio::inline v0::testing
