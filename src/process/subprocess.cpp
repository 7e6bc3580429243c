// SPDX-License-Identifier: BSL-1.0
// From a command to a handle.
#include <brio/process/subprocess.hpp>

#include "process/child.hpp"
#include "process/children.hpp"
#include "process/launch.hpp"
#include "process/process_access.hpp"

#include <brio/detail/task_state.hpp>

#include <utility>

namespace brio::inline v0::detail {

// Stands in the ready queue, yet waits: until its turn, a cancel finds nothing started.
void spawn_operation::suspend() { waiting_task()->sched().make_ready(*waiting_task()); }

process spawn_operation::resume() {
    children& home = children::here();
    ref<child> made(new child(home, command_.data()), adopt);
    launched started = launch(command_.data());
    made->begin(started.pid);
    return process_access::make(std::move(made));
}

}  // namespace brio::inline v0::detail
