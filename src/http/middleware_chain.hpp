// SPDX-License-Identifier: BSL-1.0
// Calls that go through the session's middlewares, if it has some.
#pragma once

#include "http/session_core.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/options.hpp>
#include <brio/http/response.hpp>

#include <memory>
#include <string>

namespace brio::inline v0::http::detail {

[[nodiscard]] awaitable<response> request_through(std::shared_ptr<session_core> core, std::string method, std::string url, options opts);
[[nodiscard]] awaitable<streaming_response> stream_through(std::shared_ptr<session_core> core, std::string method, std::string url, options opts);

} // namespace brio::inline v0::http::detail
