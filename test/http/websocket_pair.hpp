// SPDX-License-Identifier: BSL-1.0
// WebSockets without a handshake: two that talk to each other, or one that talks to a peer of bytes.
#pragma once

#include "http/error_of.hpp"
#include "http/ws_connection.hpp"
#include "http/ws_handshake.hpp"
#include "io/memory_transport.hpp"

#include <brio/brio.hpp>
#include <brio/http/websocket.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

namespace http_test {

namespace http = brio::http;
using http::detail::ws_role;

using transport_ptr = std::unique_ptr<brio::detail::transport>;

inline http::websocket websocket_over(transport_ptr over, ws_role role, const http::websocket_options& options = http::websocket_options(),
                                      bool deflate = false, std::string early = {}) {
    http::detail::ws_agreement agreed;
    if (deflate) agreed.deflate.emplace();
    return http::websocket(std::make_shared<http::detail::ws_connection>(brio::detail::stream_access::make(std::move(over)), role, options, std::move(agreed), std::move(early),
                                                                         "ws://peer.test/"));
}

/// Both ends of a WebSocket.
struct websocket_pair {
    explicit websocket_pair(const http::websocket_options& options = http::websocket_options(), bool deflate = false) {
        client = websocket_over(std::move(connection.near), ws_role::client, options, deflate);
        server = websocket_over(std::move(connection.far), ws_role::server, options, deflate);
    }
    io_test::memory_connection connection;
    http::websocket client;
    http::websocket server;
};

/// A client's WebSocket (or a server's) and a peer that is played by hand.
struct half_pair {
    explicit half_pair(const http::websocket_options& options = http::websocket_options(), bool deflate = false, ws_role role = ws_role::client) {
        ws = websocket_over(std::move(connection.near), role, options, deflate);
        peer = brio::detail::stream_access::make(std::move(connection.far));
    }
    io_test::memory_connection connection;
    http::websocket ws;
    brio::stream peer;
};

/// A frame as a server sends it.
inline std::string frame(unsigned first_byte, std::string_view payload) {
    std::string out(1, static_cast<char>(first_byte));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else if (payload.size() < 65536) {
        out += static_cast<char>(126);
        for (const int shift : {8, 0}) out += static_cast<char>(payload.size() >> shift & 0xFF);
    } else {
        out += static_cast<char>(127);
        for (const int shift : {56, 48, 40, 32, 24, 16, 8, 0}) out += static_cast<char>(payload.size() >> shift & 0xFF);
    }
    return out.append(payload);
}
inline std::string text_frame(std::string_view text) { return frame(0x81, text); }
inline std::string close_frame(unsigned code, std::string_view reason = {}) {
    std::string payload(1, static_cast<char>(code >> 8));
    return frame(0x88, payload.append(1, static_cast<char>(code & 0xFF)).append(reason));
}
/// ... as a client does; the mask's key is all zeros.
inline std::string masked_frame(unsigned first_byte, std::string_view payload) {
    std::string out = frame(first_byte, payload);
    out[1] = static_cast<char>(out[1] | 0x80);
    return out.insert(out.size() - payload.size(), 4, '\0');
}

/// One frame that was received, unmasked.
struct seen_frame {
    seen_frame() noexcept = default;
    unsigned first_byte = 0;
    bool masked = false;
    std::string payload;

    /// "text:...", "close 1000:reason", "ping:...", or the first byte in decimal.
    [[nodiscard]] std::string str() const {
        switch (first_byte) {
        case 0x81: return "text:" + payload;
        case 0x82: return "binary:" + payload;
        case 0x89: return "ping:" + payload;
        case 0x8A: return "pong:" + payload;
        case 0x88:
            if (payload.size() < 2) return "close";
            return "close " + std::to_string(static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1])) + ":" + payload.substr(2);
        default: return std::to_string(first_byte) + ":" + payload;
        }
    }
};

/// Throws incomplete_read_error at the end.
inline brio::awaitable<seen_frame> read_frame(brio::stream& from) {
    const std::string head = co_await from.read_exactly(2);
    seen_frame got;
    got.first_byte = static_cast<unsigned char>(head[0]);
    got.masked = (head[1] & 0x80) != 0;
    std::size_t size = head[1] & 0x7F;
    if (size >= 126) {
        const std::string longer = co_await from.read_exactly(size == 126 ? 2 : 8);
        size = 0;
        for (const char c : longer) size = size << 8 | static_cast<unsigned char>(c);
    }
    std::string key(4, '\0');
    if (got.masked) key = co_await from.read_exactly(4);
    got.payload = co_await from.read_exactly(size);
    for (std::size_t i = 0; i < size; ++i) got.payload[i] = static_cast<char>(got.payload[i] ^ key[i % 4]);
    co_return got;
}
/// The next frame as text; "end" at the end, however it came.
inline brio::awaitable<std::string> next_frame(brio::stream& from) {
    try {
        const seen_frame got = co_await read_frame(from);
        co_return got.str();
    } catch (const brio::incomplete_read_error&) {
    } catch (const std::system_error&) {
    }
    co_return "end";
}

/// The text of the next message; "closed" at the end.
inline brio::awaitable<std::string> text_from(http::websocket& ws) {
    const auto got = co_await ws.next();
    if (!got) co_return "closed";
    co_return got->data;
}

template <class T>
brio::awaitable<bool> is_cancelled(brio::task<T> t) {
    try {
        co_await t.join();
    } catch (const brio::cancelled_error&) {
        co_return true;
    }
    co_return false;
}

/// Everything that can happen without time passing has happened.
inline brio::awaitable<> settled() { co_await brio::testing::advance(std::chrono::seconds(0)); }

} // namespace http_test
