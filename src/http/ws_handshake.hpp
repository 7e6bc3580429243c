// SPDX-License-Identifier: BSL-1.0
// The opening handshake (RFC 6455 section 4), as seen from both sides.
#pragma once

#include "ws_extension.hpp"

#include <brio/http/headers.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

/// 16 random bytes in Base64.
std::string make_ws_key();
/// What the server must answer to that key.
std::string ws_accept_for(std::string_view key);

/// What a client asks for.
struct ws_offer {
    std::string key = make_ws_key();
    std::vector<std::string> protocols;
    std::optional<ws_deflate> deflate;
};

/// What the two have agreed on.
struct ws_agreement {
    std::string protocol; // empty: none
    std::optional<ws_deflate> deflate;
};

/// Adds the handshake's fields to a GET request. Throws invalid_request for a sub-protocol that is no token or is there
/// twice.
void add_ws_offer(headers& request, const ws_offer& offer);
/// Judges the answer of the server. Throws websocket_handshake_error.
ws_agreement check_ws_answer(unsigned status, const headers& answer, const ws_offer& offer);

/// What a server makes of a request: an agreement with the fields of its 101 answer, or a refusal.
struct ws_reception {
    unsigned status = 101;
    std::string reason; // why not
    ws_agreement agreed;
    headers answer;
};

/// `protocols`: what the server speaks, best first. Never throws for what a client sends.
ws_reception receive_ws_request(std::string_view method, int version, const headers& request,
                                const std::vector<std::string>& protocols, const std::optional<ws_deflate>& deflate);

} // namespace brio::inline v0::http::detail
