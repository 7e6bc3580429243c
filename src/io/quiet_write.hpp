// SPDX-License-Identifier: BSL-1.0
// write(2) without SIGPIPE.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace brio::inline v0::detail {

/// A pipe has no MSG_NOSIGNAL. The signal is held back in this thread for the moment of the write, and the one that the write
/// has raised is taken away: neither the process's disposition nor a signal of somebody else's is touched.
[[nodiscard]] ssize_t write_quietly(int fd, const void* data, std::size_t size) noexcept;

}  // namespace brio::inline v0::detail
