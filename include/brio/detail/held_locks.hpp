// SPDX-License-Identifier: BSL-1.0
// Debug mode: which task holds which lock, so that one which ends with a lock in its hands is told.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>

#include <atomic>

namespace brio::inline v0::detail {

class task_state;

/// The number of loops in debug mode in this program: what is asked where no loop is at hand.
BRIO_API extern std::atomic<int> debugging_loops;
[[nodiscard]] inline bool debug_mode_anywhere() noexcept { return debugging_loops.load(std::memory_order_relaxed) > 0; }

/// `lock` was acquired at `where` by `task`, by the current task when that is null.
BRIO_API void note_held(const void* lock, const source_location& where, const task_state* task = nullptr) noexcept;
/// `lock` was released, or is no more.
BRIO_API void forget_held(const void* lock) noexcept;
/// `task` ends: logs the locks that it still holds.
BRIO_API void report_held(const task_state& task) noexcept;

}  // namespace brio::inline v0::detail
