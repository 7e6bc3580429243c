// SPDX-License-Identifier: BSL-1.0
// Sending a body while listening for an answer.
#pragma once

#include "http/body_plan.hpp"
#include "http/body_source.hpp"
#include "http/call_limits.hpp"
#include "http/connection.hpp"

#include <brio/core/awaitable.hpp>

namespace brio::inline v0::http::detail {

/// Writes the head, which stands in over.output, and the body. A server may answer before it has seen all of it: then
/// the rest is not sent and the connection is marked as cut. A connection that breaks is not an error here: there may
/// be an answer to read. Throws timeout, what the source throws, invalid_request for a length other than announced.
awaitable<> upload(connection& over, body_source& from, body_plan plan, const call_limits& limits);

} // namespace brio::inline v0::http::detail
