// SPDX-License-Identifier: BSL-1.0
// The outside of a WebSocket.
#include <brio/http/websocket.hpp>

#include "http/ws_connection.hpp"

#include <brio/core/error.hpp>

namespace brio::inline v0::http {

websocket::websocket(std::shared_ptr<detail::ws_connection> connection) noexcept : connection_(std::move(connection)) {}

websocket& websocket::operator=(websocket&& other) noexcept {
    if (this != &other) {
        let_go();
        connection_ = std::move(other.connection_);
    }
    return *this;
}

websocket::~websocket() { let_go(); }

void websocket::let_go() noexcept {
    if (connection_) connection_->dropped();
}

const std::shared_ptr<detail::ws_connection>& websocket::require() const {
    if (!connection_) throw invalid_state_error("this is no WebSocket: it was moved from, or never connected");
    return connection_;
}

awaitable<> websocket::send(std::string text) { return detail::ws_connection::send(require(), detail::ws_opcode::text, std::move(text)); }

awaitable<> websocket::send_binary(std::string bytes) {
    return detail::ws_connection::send(require(), detail::ws_opcode::binary, std::move(bytes));
}

awaitable<> websocket::send(websocket_message message) {
    const detail::ws_opcode kind = message.is_text() ? detail::ws_opcode::text : detail::ws_opcode::binary;
    return detail::ws_connection::send(require(), kind, std::move(message.data));
}

awaitable<websocket_message> websocket::receive() { return detail::ws_connection::receive(require()); }
awaitable<std::optional<websocket_message>> websocket::next() { return detail::ws_connection::next(require()); }
awaitable<websocket::duration> websocket::ping() { return detail::ws_connection::ping(require()); }

awaitable<> websocket::close(unsigned code, std::string reason) {
    return detail::ws_connection::close(require(), code, std::move(reason));
}

bool websocket::is_open() const noexcept { return connection_ && connection_->is_open(); }
std::optional<unsigned> websocket::close_code() const noexcept {
    if (!connection_) return std::nullopt;
    return connection_->close_code();
}
const std::string& websocket::close_reason() const { return require()->close_reason(); }
const std::string& websocket::protocol() const { return require()->protocol(); }
bool websocket::is_compressed() const { return require()->is_compressed(); }
const address& websocket::peer_address() const { return require()->peer(); }

} // namespace brio::inline v0::http
