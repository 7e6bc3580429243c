// SPDX-License-Identifier: BSL-1.0
// websocket: messages in both directions, for clients and servers.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/websocket_error.hpp>
#include <brio/http/websocket_options.hpp>
#include <brio/io/address.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0::http {

namespace detail {
class ws_connection;
}

/// One message.
class BRIO_API websocket_message {
public:
    enum class kind : unsigned char { text, binary };

    websocket_message() noexcept = default;
    websocket_message(kind what, std::string bytes) noexcept : type(what), data(std::move(bytes)) {}

    kind type = kind::text;
    std::string data; ///< well-formed UTF-8 when it is text

    [[nodiscard]] bool is_text() const noexcept { return type == kind::text; }
    friend bool operator==(const websocket_message&, const websocket_message&) = default;
};

/// One end of a WebSocket (RFC 6455, RFC 7692): what `session.websocket` gives, and what a handler of `server.websocket`
/// is given; aiohttp's `ClientWebSocketResponse` and `WebSocketResponse`. Movable; it belongs to the loop and the thread
/// that it was made in.
///
///     auto chat = co_await web.websocket("wss://chat.example/room");
///     co_await chat.send("hello");
///     while (auto message = co_await chat.next()) std::cout << message->data << '\n';
///
/// One task at a time may receive: a second one gets invalid_state_error. Any number may send, ping and close meanwhile;
/// messages go out whole, one after the other.
///
/// Pings are answered, and a peer that has gone is found out, while a task receives. When none does, this is done at every
/// third of the heartbeat's interval and when something is sent.
///
/// **Destroyed** while it is open it says "going away" (1001) and hangs up, without waiting for the peer; what was sent
/// before is still delivered, in the background. Calls under way end with websocket_closed.
///
/// **Errors**, thrown by every call from then on once what had come before is received:
///   * connection_lost: the connection broke or ended without a close frame;
///   * http::timeout: the peer gave no sign of life for the time of `websocket_options::heartbeat`;
///   * websocket_error: the peer broke the rules, sent text that is not UTF-8, or more than `max_message`;
///   * session_closed: the session that it came from was closed.
class BRIO_API websocket {
public:
    using duration = std::chrono::steady_clock::duration;

    /// No WebSocket: everything but assigning to it throws invalid_state_error.
    websocket() noexcept = default;
    explicit websocket(std::shared_ptr<detail::ws_connection> connection) noexcept;
    websocket(websocket&&) noexcept = default;
    websocket& operator=(websocket&& other) noexcept;
    ~websocket();
    explicit operator bool() const noexcept { return connection_ != nullptr; }

    /// Sends a message. Waits while much of what was sent before (64 KiB) has not left yet, and for those who wait already;
    /// then gives the whole message to the system. Throws invalid_request for text that is not UTF-8, and nothing was
    /// sent; websocket_closed once the WebSocket is closed or closing, from whichever side.
    /// **Cancellation** while it waits: nothing of the message was sent. It does not wait after that.
    [[nodiscard]] awaitable<> send(std::string text);
    /// ... of any bytes.
    [[nodiscard]] awaitable<> send_binary(std::string bytes);
    /// ... of the same kind as one that was received.
    [[nodiscard]] awaitable<> send(websocket_message message);

    /// The next message. Throws websocket_closed when the peer, or `close()`, has closed the WebSocket: see `next`.
    /// **Cancellation** loses nothing: the next call finds the message.
    [[nodiscard]] awaitable<websocket_message> receive();
    /// The same, empty-handed when the WebSocket was closed, whatever the code: asyncio's `async for`. Errors are thrown.
    [[nodiscard]] awaitable<std::optional<websocket_message>> next();

    /// Sends a ping and waits for its pong: how long that took. Messages that come meanwhile are kept for `receive`, up to
    /// 64 KiB of them; then it waits until they are taken. Throws as `send` does. **Cancellation** ends the wait.
    [[nodiscard]] awaitable<duration> ping();

    /// Closes: sends a close frame behind what was sent before and waits until the peer has answered it, the connection has
    /// ended or the close timeout has passed, and ends the connection; messages that come meanwhile are dropped. Completes
    /// at once when it is closed already. Throws invalid_request for a code that may not be sent (those that may: 1000 to
    /// 1014 but 1004 to 1006, and 3000 to 4999) and for a reason over 123 bytes or not UTF-8.
    /// **Cancellation** hangs up without waiting any longer.
    [[nodiscard]] awaitable<> close(unsigned code = 1000, std::string reason = {});

    /// Whether messages can be sent: neither closed nor closing.
    [[nodiscard]] bool is_open() const noexcept;
    /// What the peer's close frame said, 1005 when it said nothing; the code that we failed the connection with; 1006 when
    /// the connection ended without a close frame. None before the end.
    [[nodiscard]] std::optional<unsigned> close_code() const noexcept;
    /// The text of the peer's close frame.
    [[nodiscard]] const std::string& close_reason() const;

    /// The sub-protocol that was agreed on; empty: none.
    [[nodiscard]] const std::string& protocol() const;
    /// Whether permessage-deflate was agreed on.
    [[nodiscard]] bool is_compressed() const;
    [[nodiscard]] const address& peer_address() const;

private:
    [[nodiscard]] const std::shared_ptr<detail::ws_connection>& require() const;
    void let_go() noexcept;

    std::shared_ptr<detail::ws_connection> connection_;
};

} // namespace brio::inline v0::http
