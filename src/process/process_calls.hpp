// SPDX-License-Identifier: BSL-1.0
// The system calls that watch and end children, in one place: tests put others there.
#pragma once

#include <brio/core/config.hpp>

#include <sys/types.h>
#include <sys/wait.h>

namespace brio::inline v0::detail {

/// Each as the system call of that name: -1 and errno on failure. Called from the loop's thread, `wait` from waiter
/// threads as well.
struct process_calls {
    int (*open_pidfd)(pid_t pid) noexcept;
    int (*signal_pidfd)(int descriptor, int number) noexcept;
    int (*signal)(pid_t pid, int number) noexcept;  // a group when negative
    int (*wait)(pid_t pid, siginfo_t& info, int options) noexcept;
};

/// The ones in use; what the system offers, unless a test says otherwise.
[[nodiscard]] BRIO_API process_calls& current_process_calls() noexcept;

}  // namespace brio::inline v0::detail
