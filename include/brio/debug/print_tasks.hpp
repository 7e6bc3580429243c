// SPDX-License-Identifier: BSL-1.0
// print_tasks: who lives in a loop, who waits for what.
#pragma once

#include <brio/core/config.hpp>
#include <brio/debug/task_tree.hpp>

#include <string>

namespace brio::inline v0 {

class loop;

/// `capture_task_tree(target).to_text()`: a tree of every task of `target` that is not done: name, state, what it
/// waits for, where and for how long, where it was created; under it, the tasks that it waits for. Loop thread only.
[[nodiscard]] BRIO_API std::string format_tasks(loop& target);

/// Writes `format_tasks` of the running loop to standard error.
BRIO_API void print_tasks();

}  // namespace brio::inline v0
