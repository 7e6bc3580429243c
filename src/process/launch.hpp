// SPDX-License-Identifier: BSL-1.0
// The two ways to start a child.
#pragma once

#include "process/child_stdio.hpp"

#include <brio/core/config.hpp>

#include <sys/types.h>

namespace brio::inline v0::detail {

class launch_plan;

/// Both block until the program has been executed, less than a millisecond, and give an errno, 0 on success. In the child,
/// its three streams are the only descriptors; no signal is blocked, and none is ignored unless the command says so.
/// When they fail there is no child.
[[nodiscard]] int spawn_child(const launch_plan& plan, const stdio_sources& sources, pid_t& pid) noexcept;
/// The one for a child with limits, which posix_spawn cannot set.
[[nodiscard]] int fork_child(const launch_plan& plan, const stdio_sources& sources, pid_t& pid) noexcept;

}  // namespace brio::inline v0::detail
