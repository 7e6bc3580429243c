// SPDX-License-Identifier: BSL-1.0
// print_tasks: who lives in a loop, who waits for what.
#pragma once

#include <brio/core/config.hpp>

#include <iosfwd>
#include <string>

namespace brio::inline v0 {

class loop;

/// A tree in text of every task of `target` that is not done: name, state, where it was created, what it waits for;
/// under it, the tasks that wait for it. Loop thread only.
[[nodiscard]] BRIO_API std::string format_tasks(loop& target);

/// Writes `format_tasks` of the running loop to standard error.
BRIO_API void print_tasks();

}  // namespace brio::inline v0
