// SPDX-License-Identifier: BSL-1.0
// Starting, one turn later.
#include <brio/process/subprocess.hpp>

#include "process/process_state.hpp"

#include <brio/detail/task_state.hpp>

namespace brio::inline v0::detail {

// Stands in the ready queue, yet waits: until its turn, a cancel finds nothing started.
void spawn_operation::suspend() { waiting_task()->sched().make_ready(*waiting_task()); }

process spawn_operation::resume() { return process_state::handle(process_state::start(command_.data())); }

}  // namespace brio::inline v0::detail
