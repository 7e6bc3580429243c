// SPDX-License-Identifier: BSL-1.0
// Keys, tokens, sub-protocols.
#include "ws_handshake.hpp"

#include "base64.hpp"
#include "chars.hpp"
#include "crypto.hpp"

#include <brio/http/error.hpp>
#include <brio/http/websocket_error.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

[[noreturn]] void refuse_answer(const std::string& why, unsigned status = 101) {
    throw websocket_handshake_error(status, "the WebSocket handshake failed: " + why);
}

bool has_token(const headers& fields, std::string_view name, std::string_view token) {
    bool found = false;
    for (const std::string_view value : fields.get_all(name)) {
        for_each_list_element(value, [&](std::string_view one) { found = found || iequals(one, token); });
    }
    return found;
}

// The value of a field that must be there once.
std::optional<std::string_view> single(const headers& fields, std::string_view name) noexcept {
    if (fields.count(name) != 1) return std::nullopt;
    return fields.get(name);
}

// 16 bytes in Base64: 22 characters and two pads.
bool is_key(std::string_view key) noexcept {
    if (key.size() != 24 || !key.ends_with("==")) return false;
    const std::string_view digits = key.substr(0, 22);
    return std::all_of(digits.begin(), digits.end(), [](char c) { return is(c, alpha_char | digit_char) || c == '+' || c == '/'; });
}

} // namespace

std::string make_ws_key() {
    std::string bytes(16, '\0');
    fill_random(bytes.data(), bytes.size());
    return base64(bytes);
}

std::string ws_accept_for(std::string_view key) {
    const auto hash = sha1(std::string(key).append(guid));
    return base64({hash.data(), hash.size()});
}

void add_ws_offer(headers& request, const ws_offer& offer) {
    std::string protocols;
    for (auto one = offer.protocols.begin(); one != offer.protocols.end(); ++one) {
        if (!is_token(*one)) throw invalid_request("invalid WebSocket sub-protocol '" + printable(*one) + "': it must be a token");
        if (std::find(offer.protocols.begin(), one, *one) != one) throw invalid_request("the WebSocket sub-protocol '" + *one + "' is offered twice");
        protocols += (protocols.empty() ? "" : ", ") + *one;
    }
    request.add("Upgrade", "websocket").add("Connection", "Upgrade");
    request.add("Sec-WebSocket-Key", offer.key).add("Sec-WebSocket-Version", "13");
    if (!protocols.empty()) request.add("Sec-WebSocket-Protocol", protocols);
    if (offer.deflate) request.add("Sec-WebSocket-Extensions", offer_deflate(*offer.deflate));
}

ws_agreement check_ws_answer(unsigned status, const headers& answer, const ws_offer& offer) {
    if (status != 101) refuse_answer("the server answered with status " + std::to_string(status) + " in place of 101", status);
    const auto upgrade = single(answer, "Upgrade");
    if (!upgrade || !iequals(*upgrade, "websocket")) refuse_answer("the answer does not upgrade to websocket");
    if (!has_token(answer, "Connection", "upgrade")) refuse_answer("the answer has no 'Connection: Upgrade'");
    const auto accept = single(answer, "Sec-WebSocket-Accept");
    if (!accept || *accept != ws_accept_for(offer.key)) refuse_answer("the answer does not belong to our key");
    ws_agreement agreed;
    agreed.deflate = read_deflate_answer(answer.get_joined("Sec-WebSocket-Extensions"), offer.deflate ? &*offer.deflate : nullptr);
    if (answer.contains("Sec-WebSocket-Protocol")) {
        const auto chosen = single(answer, "Sec-WebSocket-Protocol");
        if (!chosen || std::find(offer.protocols.begin(), offer.protocols.end(), *chosen) == offer.protocols.end()) {
            refuse_answer("the server chose the sub-protocol '" + printable(answer.get_joined("Sec-WebSocket-Protocol")) + "', which was not offered");
        }
        agreed.protocol = *chosen;
    }
    return agreed;
}

namespace {

ws_reception refusal(unsigned status, const char* reason) {
    ws_reception out;
    out.status = status;
    out.reason = reason;
    if (status == 426) out.answer.add("Sec-WebSocket-Version", "13").add("Upgrade", "websocket").add("Connection", "Upgrade");
    return out;
}

// The first of ours that the client speaks.
std::string choose_protocol(const headers& request, const std::vector<std::string>& ours) {
    for (const std::string& one : ours) {
        bool offered = false;
        for_each_list_element(request.get_joined("Sec-WebSocket-Protocol"), [&](std::string_view theirs) { offered = offered || theirs == one; });
        if (offered) return one;
    }
    return {};
}

} // namespace

ws_reception receive_ws_request(std::string_view method, int version, const headers& request,
                                const std::vector<std::string>& protocols, const std::optional<ws_deflate>& deflate) {
    if (method != "GET" || version < 11) return refusal(400, "a WebSocket handshake is a GET of HTTP/1.1");
    if (!has_token(request, "Upgrade", "websocket") || !has_token(request, "Connection", "upgrade")) return refusal(426, "this is for WebSockets");
    const auto wanted = single(request, "Sec-WebSocket-Version");
    if (!wanted || *wanted != "13") return refusal(426, "only WebSocket version 13 is spoken here");
    const auto key = single(request, "Sec-WebSocket-Key");
    if (!key || !is_key(*key)) return refusal(400, "the Sec-WebSocket-Key is not 16 bytes in Base64");
    ws_reception out;
    out.answer.add("Upgrade", "websocket").add("Connection", "Upgrade").add("Sec-WebSocket-Accept", ws_accept_for(*key));
    out.agreed.protocol = choose_protocol(request, protocols);
    if (!out.agreed.protocol.empty()) out.answer.add("Sec-WebSocket-Protocol", out.agreed.protocol);
    if (deflate) {
        std::string text;
        out.agreed.deflate = choose_deflate(request.get_joined("Sec-WebSocket-Extensions"), *deflate, text);
        if (out.agreed.deflate) out.answer.add("Sec-WebSocket-Extensions", text);
    }
    return out;
}

} // namespace brio::inline v0::http::detail
