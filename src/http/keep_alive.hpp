// SPDX-License-Identifier: BSL-1.0
// The server's Keep-Alive hint.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace brio::inline v0::http::detail {

/// How long a connection may stay idle: `standard`, or the hint `timeout=N` less one second, at most 600 s.
/// Zero: do not keep it (`max=0`, `timeout=0` or `timeout=1`). Malformed hints are ignored.
std::chrono::seconds idle_lifetime(std::optional<std::string_view> keep_alive_header,
                                   std::chrono::seconds standard);

} // namespace brio::inline v0::http::detail
