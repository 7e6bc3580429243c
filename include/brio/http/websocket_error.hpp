// SPDX-License-Identifier: BSL-1.0
// How a WebSocket fails, and how it ends.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/error.hpp>

#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0::http {

/// The peer broke the WebSocket protocol or sent more than the limits allow; the connection is failed, and the peer is
/// told close_code().
class BRIO_API websocket_error : public protocol_error {
public:
    websocket_error(unsigned close_code, const std::string& message) : protocol_error(http::phase::body, message), code_(close_code) {}
    ~websocket_error() override;
    /// 1002 (protocol), 1007 (text that is not UTF-8, data that cannot be inflated), 1009 (too large).
    [[nodiscard]] unsigned close_code() const noexcept { return code_; }

private:
    unsigned code_;
};

/// The server did not take the WebSocket, or not as RFC 6455 wants it (aiohttp's `WSServerHandshakeError`).
class BRIO_API websocket_handshake_error : public protocol_error {
public:
    websocket_handshake_error(unsigned status, const std::string& message) : protocol_error(http::phase::headers, message), status_(status) {}
    ~websocket_handshake_error() override;
    /// Of the server's answer: 101 when it agreed, but to something else.
    [[nodiscard]] unsigned status() const noexcept { return status_; }

private:
    unsigned status_;
};

/// The WebSocket was closed, by the peer or by us: nothing can be sent or received any more.
class BRIO_API websocket_closed : public error {
public:
    /// `code`: from the peer's close frame; 1006 when the connection has ended without one, none while it has not ended.
    websocket_closed(std::optional<unsigned> code, std::string reason);
    ~websocket_closed() override;
    [[nodiscard]] const std::optional<unsigned>& code() const noexcept { return code_; }
    [[nodiscard]] const std::string& reason() const noexcept { return *reason_; }

private:
    std::optional<unsigned> code_;
    std::shared_ptr<const std::string> reason_;
};

} // namespace brio::inline v0::http
