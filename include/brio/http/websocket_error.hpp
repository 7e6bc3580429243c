// SPDX-License-Identifier: BSL-1.0
// What a WebSocket peer did against the rules.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/error.hpp>

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

} // namespace brio::inline v0::http
