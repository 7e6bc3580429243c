// SPDX-License-Identifier: BSL-1.0
// Agreeing on permessage-deflate (RFC 7692 section 7.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// What both sides have agreed on.
struct ws_deflate {
    bool server_forgets = false; // server_no_context_takeover: each message of the server's stands for itself
    bool client_forgets = false;
    int server_window = 15; // bits of the window that the server compresses with, 8 to 15
    int client_window = 15;
};

/// The client's offer, the value of Sec-WebSocket-Extensions.
std::string offer_deflate(const ws_deflate& wish);

/// What the server made of the offer `wish`, from all its Sec-WebSocket-Extensions fields joined; nullopt: no
/// compression. Throws websocket_handshake_error for anything that was not offered or is no agreement.
std::optional<ws_deflate> read_deflate_answer(std::string_view answer, const ws_deflate* wish);

/// The server's side: the first offer that can be met, within `wish`; nullopt when there is none. `answer` becomes the
/// value of Sec-WebSocket-Extensions. Never throws for what a client sends: an offer that is malformed is passed over.
std::optional<ws_deflate> choose_deflate(std::string_view offers, const ws_deflate& wish, std::string& answer);

} // namespace brio::inline v0::http::detail
