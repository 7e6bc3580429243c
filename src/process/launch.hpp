// SPDX-License-Identifier: BSL-1.0
// launch: starts a child, with our ends of its pipes.
#pragma once

#include "process/unique_fd.hpp"

#include <brio/core/config.hpp>
#include <brio/process/command.hpp>

#include <sys/types.h>

#include <array>

namespace brio::inline v0::detail {

class launch_plan;

/// A child that runs, and our ends of its pipes (empty for the streams that are none): non-blocking, close-on-exec.
class launched {
public:
    pid_t pid = -1;
    std::array<unique_fd, 3> pipes;
};

/// Starts `what`. Blocks until the program has been executed, less than a millisecond. In the child, its three streams are
/// the only descriptors; no signal is blocked, and none is ignored unless `what` says so. Throws std::system_error, and
/// then there is neither a child nor a descriptor.
[[nodiscard]] BRIO_API launched launch(const command_data& what);

/// The descriptors that become 0, 1 and 2 of a child, each above 2; -1 for one that is inherited.
using stdio_sources = std::array<int, 3>;

/// The two ways to start a child; both give an errno, 0 on success. The second is for a child with limits, which
/// posix_spawn cannot set.
[[nodiscard]] int spawn_child(const launch_plan& plan, const stdio_sources& sources, pid_t& pid) noexcept;
[[nodiscard]] int fork_child(const launch_plan& plan, const stdio_sources& sources, pid_t& pid) noexcept;

}  // namespace brio::inline v0::detail
