// SPDX-License-Identifier: BSL-1.0
// Looking from a task to those who wait for it.
#include <brio/debug/call_graph.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/debug/task_tree.hpp>

#include <iostream>

namespace brio::inline v0 {

std::string format_call_graph(std::optional<int> limit) {
    const detail::scheduler* const sched = detail::scheduler::current();
    if (!sched || !sched->current_task) return "";
    return capture_task_tree().to_call_graph(sched->current_task->id(), limit);
}

std::string format_call_graph(const task_handle& task, std::optional<int> limit) {
    if (!task) throw invalid_state_error("format_call_graph: the task handle is empty");
    if (task.done()) return "";
    detail::require_own(detail::scheduler::require("format_call_graph"), *task.untyped_state());
    return capture_task_tree().to_call_graph(task.untyped_state()->id(), limit);
}

void print_call_graph(std::optional<int> limit) { std::cerr << format_call_graph(limit) << std::flush; }

}  // namespace brio::inline v0
