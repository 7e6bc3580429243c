// SPDX-License-Identifier: BSL-1.0
// What people read about a task: its state, what it waits for, how it ended.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/timer_heap.hpp>

#include <string>

namespace brio::inline v0::detail {

class task_state;

/// "not started", "ready", "running", "waiting", "done".
[[nodiscard]] BRIO_API const char* state_text(const task_state& task) noexcept;
/// What a task that is not done waits for; empty when it does not wait.
[[nodiscard]] BRIO_API std::string wait_text(const task_state& task);
/// How a task that is done ended: "a value", "cancelled", "std::runtime_error: text". Does not count as fetching.
[[nodiscard]] BRIO_API std::string outcome_text(const task_state& task);
/// "12 us", "1.5 s".
[[nodiscard]] BRIO_API std::string duration_text(duration time);

}  // namespace brio::inline v0::detail
