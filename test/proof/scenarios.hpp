// SPDX-License-Identifier: BSL-1.0
// The scenarios that sweeps and random schedules run.
#pragma once

#include "proof/sweep.hpp"

#include <vector>

namespace brio_proof {

[[nodiscard]] std::vector<scenario> all_scenarios();

}  // namespace brio_proof
