// SPDX-License-Identifier: BSL-1.0
// The task tree on standard error.
#include <brio/debug/print_tasks.hpp>

#include <brio/core/loop.hpp>

#include <iostream>

namespace brio::inline v0 {

std::string format_tasks(loop& target) { return capture_task_tree(target).to_text(); }

void print_tasks() { std::cerr << format_tasks(get_running_loop()) << std::flush; }

}  // namespace brio::inline v0
