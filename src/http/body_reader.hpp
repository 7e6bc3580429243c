// SPDX-License-Identifier: BSL-1.0
// Reading from a connection into its parser: head, pieces of the body, the whole body.
#pragma once

#include "http/byte_buffer.hpp"
#include "http/call_limits.hpp"
#include "http/connection.hpp"

#include <brio/core/awaitable.hpp>

#include <cstdint>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Reads until the head of the final response is complete. Throws what the parser throws, timeout,
/// connection_lost.
awaitable<> read_head(connection& from, const call_limits& limits);

/// After a request that expects 100 Continue: true when that has come, or nothing until `patience`; false when the head of
/// the final response is complete instead. Throws as read_head().
awaitable<bool> read_go_ahead(connection& from, const call_limits& limits, call_limits::time_point patience);

/// Reads until there is a piece of the body and gives it, as a view that is valid until the next call; empty
/// at the end of the body.
awaitable<std::string_view> read_piece(connection& from, const call_limits& limits);

/// Reads the rest of the body; more than `most` bytes throw body_too_large.
awaitable<byte_buffer> read_rest(connection& from, const call_limits& limits, std::uint64_t most);

} // namespace brio::inline v0::http::detail
