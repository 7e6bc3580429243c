// SPDX-License-Identifier: BSL-1.0
// Streams over descriptors of the caller's: pipes, FIFOs, terminals, sockets.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/stream.hpp>

#include <cstddef>

namespace brio::inline v0 {

/// A stream that reads from `fd`: the end of a pipe, a FIFO, a terminal, a socket, a character device. The stream owns `fd`
/// from now on, also when this throws: it becomes non-blocking and close-on-exec, and is closed with the stream. (Descriptors
/// 0 to 2 are shared with others: see `standard_input()`.) Needs a running loop. Throws std::system_error when `fd` is no
/// open descriptor, std::invalid_argument when the limit is 0. asyncio's `connect_read_pipe`.
[[nodiscard]] BRIO_API stream connect_read_pipe(int fd, std::size_t limit = stream::default_limit);

/// A stream that writes to `fd`, else the same. Writing to a pipe that nobody reads any more is an error (EPIPE) of the
/// stream, never a SIGPIPE; that the reader has gone is noticed without writing, too: `is_closing()` is true, and
/// `wait_closed()` ends. `write_eof()` closes it. asyncio's `connect_write_pipe`.
[[nodiscard]] BRIO_API stream connect_write_pipe(int fd);

/// A stream that reads and writes `fd`, one that is open for both: a terminal, one side of a pseudo-terminal, a socket.
[[nodiscard]] BRIO_API stream connect_descriptor(int fd, std::size_t limit = stream::default_limit);

}  // namespace brio::inline v0
