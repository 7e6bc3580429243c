// SPDX-License-Identifier: BSL-1.0
// How a WebSocket is to behave, on either side.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0::http {

/// Options of one WebSocket, or of those that a server takes at one path. Setters give the object back, so that they
/// chain; the defaults are in brackets. Durations: 0 or less means "none".
class BRIO_API websocket_options {
public:
    using duration = std::chrono::steady_clock::duration;
    websocket_options() noexcept = default;

    /// Adds a sub-protocol, best first. A client offers them, and takes an answer with none or one of them; a server
    /// takes its first one that the client offers. Names that are no tokens are an error of the call, invalid_request.
    websocket_options& protocol(std::string name) {
        protocols_.push_back(std::move(name));
        return *this;
    }
    /// Offers, or accepts, to compress messages (permessage-deflate) [on]. The peer decides as well: see
    /// `websocket::is_compressed`.
    websocket_options& compress(bool on = true) {
        compress_ = on;
        return *this;
    }
    /// Bytes of one message that comes in, uncompressed, whether in one frame or many [16 MiB]. A larger one fails the
    /// connection with 1009, as soon as its size is known and before it takes memory.
    websocket_options& max_message(std::size_t bytes) {
        max_message_ = bytes;
        return *this;
    }
    /// After that much silence the peer is asked for a sign of life, with a ping [30 s]; after `dead` of it [60 s, twice
    /// the interval when only that is given] the connection is given up with http::timeout. aiohttp's `heartbeat`, which
    /// is off there.
    websocket_options& heartbeat(duration interval, std::optional<duration> dead = std::nullopt) {
        heartbeat_ = interval;
        dead_ = dead.value_or(2 * interval);
        return *this;
    }
    /// How long closing waits for the peer's answer [10 s], and as long again for it to take what was sent before; 0: for ever.
    websocket_options& close_timeout(duration limit) {
        close_timeout_ = limit;
        return *this;
    }

    /// Server: pages of this origin (`https://app.example`) may connect as well. By default browsers are let in only from
    /// pages of the server itself: those whose Origin names the host of the request. Clients that are no browsers send no
    /// Origin, and are let in. Others are answered with 403.
    websocket_options& allow_origin(std::string origin) {
        origins_.push_back(std::move(origin));
        return *this;
    }
    /// Server: any page may connect, with the cookies that the browser has for this server. aiohttp does not ask either.
    websocket_options& allow_any_origin(bool on = true) {
        any_origin_ = on;
        return *this;
    }

private:
    friend struct websocket_options_access;
    std::vector<std::string> protocols_;
    std::vector<std::string> origins_;
    std::size_t max_message_ = 16 * 1024 * 1024;
    duration heartbeat_ = std::chrono::seconds(30);
    duration dead_ = std::chrono::seconds(60);
    duration close_timeout_ = std::chrono::seconds(10);
    bool compress_ = true;
    bool any_origin_ = false;
};

} // namespace brio::inline v0::http
