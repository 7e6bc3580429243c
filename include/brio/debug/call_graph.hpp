// SPDX-License-Identifier: BSL-1.0
// The call graph of a task: who waits for it, and who waits for them.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/task.hpp>

#include <optional>
#include <string>

namespace brio::inline v0 {

/// The current task and, level by level under it, every task that waits for it. Empty outside of a task. `limit` as in
/// `task_tree::to_text`: a positive one keeps the levels next to the task, 0 the task alone, a negative one the
/// outermost waiters. Loop thread only. C++ knows no more of a suspended coroutine's own stack than the place of its
/// wait, which is shown. asyncio's `format_call_graph`.
[[nodiscard]] BRIO_API std::string format_call_graph(std::optional<int> limit = std::nullopt);
/// Of any task of the running loop; empty when it is done. Throws loop_error for a task of another loop, and
/// invalid_state_error for an empty handle.
[[nodiscard]] BRIO_API std::string format_call_graph(const task_handle& task, std::optional<int> limit = std::nullopt);

/// Writes it to standard error. asyncio's `print_call_graph`.
BRIO_API void print_call_graph(std::optional<int> limit = std::nullopt);

}  // namespace brio::inline v0
