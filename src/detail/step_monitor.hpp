// SPDX-License-Identifier: BSL-1.0
// Debug mode: measures a step and reports one that blocked the loop.
#pragma once

#include <brio/detail/timer_heap.hpp>

namespace brio::inline v0::detail {

class ready_node;
class scheduler;
class task_state;

void run_timed(scheduler& sched, ready_node& node) noexcept;
/// The end of a step that began at `begin`, of a callback when `task` is null.
void report_if_slow(scheduler& sched, const task_state* task, time_point begin) noexcept;

}  // namespace brio::inline v0::detail
