// SPDX-License-Identifier: BSL-1.0
// cancel_at_each_await: is the code right whatever it is doing when it is cancelled?
#pragma once

#include <brio/core/config.hpp>
#include <brio/testing/scenario.hpp>

#include <cstdint>

namespace brio::inline v0::testing {

/// Runs `body` once to count its steps, then again and again, each time cancelled at another moment: for every step of
/// the loop (a task's step, a callback)
///   * before it, when the wait that it resumes has its result already;
///   * after it, while the task waits and nothing has come;
///   * inside it, at each `cancel_point()`;
/// and each of these once, twice at once, and once more in the next turn.
///
/// Whatever was cancelled when, a GoogleTest failure is recorded if the run hangs (`scenario_options::time_limit`,
/// `step_limit`), if a task, a timer, a descriptor or a child process is left, if a callback throws, or if one of the
/// scenario's own checks fails. It says where the task was cancelled: in which wait, at which line. The sweep ends at the
/// first run that fails. It fails, too, when the plain run does not end with a value or nothing could be cancelled.
///
/// Runs in virtual time, in loops of its own: call it from a plain TEST, not inside of a loop (throws loop_error).
BRIO_API scenario_report cancel_at_each_await(const scenario& body, const scenario_options& options = scenario_options());

/// A moment inside a step at which `cancel_at_each_await` may cancel. Elsewhere nothing happens.
BRIO_API void cancel_point() noexcept;

/// How many cancel requests the running sweep has made in this run, and that were accepted; 0 outside of a sweep.
[[nodiscard]] BRIO_API int injected_cancels() noexcept;

}  // namespace brio::inline v0::testing
