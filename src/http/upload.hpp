// SPDX-License-Identifier: BSL-1.0
// Sending a body while listening for an answer.
#pragma once

#include "http/body_plan.hpp"
#include "http/body_source.hpp"
#include "http/call_limits.hpp"
#include "http/connection.hpp"

#include <brio/core/awaitable.hpp>

#include <cstdint>

namespace brio::inline v0::http::detail {

/// Writes the head, which stands in over.output, and the body. A server may answer before it has seen all of it. With a
/// status of success it may be one that answers while it reads, as an echo does: both go on, up to `answer_limit` bytes
/// of such an answer waiting in over.input, until the body is sent or the answer is complete. Otherwise the rest of the
/// body is not sent and the connection is marked as cut. A connection that breaks is not an error here: there may be an
/// answer to read. Throws timeout, what the source throws, invalid_request for a length other than announced.
awaitable<> upload(connection& over, body_source& from, body_plan plan, const call_limits& limits, std::uint64_t answer_limit);

} // namespace brio::inline v0::http::detail
