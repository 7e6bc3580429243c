// SPDX-License-Identifier: BSL-1.0
// Opening a WebSocket as a client.
#pragma once

#include "http/session_core.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/options.hpp>
#include <brio/http/websocket.hpp>

#include <memory>
#include <string>

namespace brio::inline v0::http::detail {

awaitable<websocket> run_websocket(std::shared_ptr<session_core> core, std::string url, websocket_options wanted, options request);

} // namespace brio::inline v0::http::detail
