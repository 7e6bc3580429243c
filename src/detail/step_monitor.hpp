// SPDX-License-Identifier: BSL-1.0
// Debug mode: measures a step and reports one that blocked the loop.
#pragma once

namespace brio::inline v0::detail {

class scheduler;
class ready_node;

void run_timed(scheduler& sched, ready_node& node) noexcept;

}  // namespace brio::inline v0::detail
