// SPDX-License-Identifier: BSL-1.0
// Standard input, output and error as streams.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/stream.hpp>

#include <cstddef>

namespace brio::inline v0 {

/// Standard input as a stream, whatever it is: a terminal, a pipe, a socket, a file. Make one and keep it: what it has read ahead
/// goes with it. Closing it leaves descriptor 0 open.
///
/// Unlike `connect_read_pipe(0)` this leaves the terminal, and whatever else is shared with the processes that started this
/// one, as it is: nobody finds it non-blocking. Files are read as ever: they do not wait. Needs a running loop; throws
/// std::system_error when there is no standard input.
[[nodiscard]] BRIO_API stream standard_input(std::size_t limit = stream::default_limit);

/// Standard output in the same way. Nothing is kept back: what `write` was given is on its way when it returns, behind what was
/// written by std::cout and printf *and flushed*. A program that ends does not wait for what the stream has not sent yet:
/// `co_await out.wait_closed()` after `out.close()`, or `drain()` with a low mark of 0.
[[nodiscard]] BRIO_API stream standard_output();
/// Standard error in the same way.
[[nodiscard]] BRIO_API stream standard_error();

}  // namespace brio::inline v0
