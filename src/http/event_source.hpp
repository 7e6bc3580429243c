// SPDX-License-Identifier: BSL-1.0
// Connects, reads events, connects again.
#pragma once

#include "http/event_parser.hpp"
#include "http/session_core.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/options.hpp>
#include <brio/http/response.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

class event_source {
public:
    event_source(std::shared_ptr<session_core> core, std::string url, options opts);

    awaitable<std::optional<server_event>> next();
    [[nodiscard]] const std::string& last_id() const noexcept { return parser_.last_id(); }

private:
    awaitable<> connect();
    awaitable<std::optional<server_event>> read();
    awaitable<> pause();
    void disconnect() noexcept;

    std::shared_ptr<session_core> core_;
    std::string url_;
    options opts_;
    event_parser parser_;
    std::optional<streaming_response> from_;
    std::string_view rest_;      // of the current piece
    unsigned failures_ = 0;      // in a row: no event, and no connection that has lasted
    std::chrono::milliseconds pause_{0};  // the last one
    std::chrono::steady_clock::time_point connected_;
    bool was_connected_ = false;
    bool ended_ = false;
};

} // namespace brio::inline v0::http::detail
