// SPDX-License-Identifier: BSL-1.0
// The opening handshake from both sides, and what may be agreed on.
#include "http/ws_handshake.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using namespace brio::http::detail;

ws_offer sample_offer(bool deflate = false) {
    ws_offer offer;
    offer.key = "dGhlIHNhbXBsZSBub25jZQ==";
    offer.protocols.emplace_back("chat");
    offer.protocols.emplace_back("superchat");
    if (deflate) offer.deflate = ws_deflate();
    return offer;
}
headers sample_answer() {
    return {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}};
}
bool accepts(const headers& answer, const ws_offer& offer = sample_offer(), unsigned status = 101) {
    try {
        check_ws_answer(status, answer, offer);
    } catch (const protocol_error& e) {
        EXPECT_EQ(e.phase(), phase::headers);
        return false;
    }
    return true;
}

TEST(ws_handshake, keys) {
    EXPECT_EQ(ws_accept_for("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(make_ws_key().size(), 24u);
    EXPECT_NE(make_ws_key(), make_ws_key());
}

TEST(ws_handshake, H_126_answers) {
    EXPECT_TRUE(accepts(sample_answer()));
    EXPECT_TRUE(accepts(headers(sample_answer()).set("Upgrade", "WebSocket").set("Connection", "keep-alive, upgrade")));
    EXPECT_TRUE(accepts(headers(sample_answer()).add("Sec-WebSocket-Protocol", "superchat")));
    EXPECT_EQ(check_ws_answer(101, headers(sample_answer()).add("Sec-WebSocket-Protocol", "superchat"), sample_offer()).protocol, "superchat");
    EXPECT_TRUE(accepts(headers(sample_answer()).add("Sec-WebSocket-Extensions", "")));
    const auto with = [](const char* name, const char* value) { return headers(sample_answer()).set(name, value); };
    const auto without = [](const char* name) {
        headers h = sample_answer();
        h.remove(name);
        return h;
    };
    for (const unsigned status : {100u, 200u, 204u, 301u, 400u, 426u}) EXPECT_FALSE(accepts(sample_answer(), sample_offer(), status));
    for (const char* name : {"Upgrade", "Connection", "Sec-WebSocket-Accept"}) EXPECT_FALSE(accepts(without(name))) << name;
    for (const char* value : {"", "websockets", "h2c", "websocket, h2c"}) EXPECT_FALSE(accepts(with("Upgrade", value))) << value;
    for (const char* value : {"", "close", "keep-alive", "xUpgrade"}) EXPECT_FALSE(accepts(with("Connection", value))) << value;
    for (const char* value : {"", "s3pPLMBiTxaQ9kYGzzhZRbK+xOO=", "s3pplmbitxaq9kygzzhzrbk+xoo=", "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=x"})
        EXPECT_FALSE(accepts(with("Sec-WebSocket-Accept", value))) << value;
    EXPECT_FALSE(accepts(headers(sample_answer()).add("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))) << "twice";
    EXPECT_FALSE(accepts(headers(sample_answer()).add("Upgrade", "websocket"))) << "twice";
    for (const char* value : {"other", "Chat", "chat, superchat", "", "chat "}) {
        const bool fine = std::string(value) == "chat "; // white space around a value is none of it
        EXPECT_EQ(accepts(with("Sec-WebSocket-Protocol", value)), fine) << value;
    }
    EXPECT_FALSE(accepts(headers(sample_answer()).add("Sec-WebSocket-Protocol", "chat").add("Sec-WebSocket-Protocol", "chat")));
    ws_offer plain = sample_offer();
    plain.protocols.clear();
    EXPECT_FALSE(accepts(with("Sec-WebSocket-Protocol", "chat"), plain)) << "none was offered";
    for (const char* value : {"permessage-deflate", "x-webkit-deflate-frame", "foo; bar"}) EXPECT_FALSE(accepts(with("Sec-WebSocket-Extensions", value))) << value;
}

TEST(ws_handshake, H_126_deflate_answers) {
    struct row {
        const char *answer, *agreed;
    };
    const auto agreed = [](const char* text, const ws_deflate& wish) {
        try {
            const auto d = read_deflate_answer(text, &wish);
            if (!d) return std::string("none");
            return std::string(d->server_forgets ? "S" : "") + (d->client_forgets ? "C" : "") + std::to_string(d->server_window) + "/" + std::to_string(d->client_window);
        } catch (const protocol_error&) {
            return std::string("refused");
        }
    };
    for (const auto& [text, wanted] : {
             row{"", "none"},
             row{"permessage-deflate", "15/15"},
             row{"permessage-deflate; server_no_context_takeover", "S15/15"},
             row{"permessage-deflate;client_no_context_takeover ; server_no_context_takeover", "SC15/15"},
             row{"permessage-deflate; server_max_window_bits=10; client_max_window_bits=8", "10/8"},
             row{"permessage-deflate; server_max_window_bits=\"10\"", "10/15"},
             row{"permessage-deflate; server_max_window_bits=7", "refused"},
             row{"permessage-deflate; server_max_window_bits=16", "refused"},
             row{"permessage-deflate; server_max_window_bits=abc", "refused"},
             row{"permessage-deflate; server_max_window_bits=999", "refused"},
             row{"permessage-deflate; server_max_window_bits=010", "refused"},
             row{"permessage-deflate; server_max_window_bits=-10", "refused"},
             row{"permessage-deflate; server_max_window_bits=10.5", "refused"},
             row{"permessage-deflate; server_max_window_bits=99999999999999999999999", "refused"},
             row{"permessage-deflate; server_max_window_bits", "refused"},
             row{"permessage-deflate; server_max_window_bits=", "refused"},
             row{"permessage-deflate; client_max_window_bits", "refused"},
             row{"permessage-deflate; server_no_context_takeover=true", "refused"},
             row{"permessage-deflate; server_no_context_takeover; server_no_context_takeover", "refused"},
             row{"permessage-deflate; unknown", "refused"},
             row{"permessage-deflate;", "refused"},
             row{"permessage-deflate=1", "refused"},
             row{"permessage-deflate, permessage-deflate", "refused"},
             row{"permessage-bzip2", "refused"},
             row{"Permessage-Deflate", "refused"},
         })
        EXPECT_EQ(agreed(text, ws_deflate()), wanted) << text;
    ws_deflate strict;
    strict.server_forgets = true;
    strict.server_window = 12;
    EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover; server_max_window_bits=11", strict), "S11/15");
    EXPECT_EQ(agreed("permessage-deflate; server_max_window_bits=12", strict), "refused") << "we asked the server to forget";
    EXPECT_EQ(agreed("permessage-deflate; server_no_context_takeover", strict), "refused") << "we asked for a window of 12";
    EXPECT_EQ(offer_deflate(ws_deflate()), "permessage-deflate; client_max_window_bits");
    EXPECT_EQ(offer_deflate(strict), "permessage-deflate; server_no_context_takeover; server_max_window_bits=12; client_max_window_bits");
}

TEST(ws_handshake, deflate_offers) {
    struct row {
        const char *offers, *answer;
    };
    const auto chosen = [](const char* text, const ws_deflate& wish) {
        std::string answer;
        return choose_deflate(text, wish, answer) ? answer : std::string("none");
    };
    for (const auto& [text, wanted] : {
             row{"", "none"},
             row{"permessage-deflate", "permessage-deflate"},
             row{"foo, permessage-deflate; client_max_window_bits", "permessage-deflate"},
             row{"permessage-deflate; server_max_window_bits=10; client_max_window_bits=9", "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"},
             row{"permessage-deflate; client_no_context_takeover; server_no_context_takeover", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
             row{"permessage-deflate; server_max_window_bits=7, permessage-deflate", "permessage-deflate"},
             row{"permessage-deflate; server_max_window_bits", "none"},
             row{"permessage-deflate; x=1, permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"},
             row{"permessage-deflate; client_max_window_bits=7", "none"},
             row{";;;, =, permessage-deflate; =", "none"},
         })
        EXPECT_EQ(chosen(text, ws_deflate()), wanted) << text;
    ws_deflate narrow;
    narrow.client_window = 11;
    narrow.client_forgets = true;
    EXPECT_EQ(chosen("permessage-deflate; client_max_window_bits", narrow), "permessage-deflate; client_no_context_takeover; client_max_window_bits=11");
    EXPECT_EQ(chosen("permessage-deflate", narrow), "permessage-deflate; client_no_context_takeover") << "the client did not say that it can do that";
}

TEST(ws_handshake, H_006_requests) {
    headers request;
    add_ws_offer(request, sample_offer(true));
    EXPECT_EQ(request.wire(), "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    for (const char* bad : {"", "a b", "a,b", "a\r\nX: y", "\xC3\xA4", "chat"}) {
        ws_offer offer = sample_offer();
        offer.protocols.emplace_back(bad);
        headers h;
        EXPECT_THROW(add_ws_offer(h, offer), invalid_request) << bad;
    }
}

TEST(ws_handshake, a_server_receives) {
    std::vector<std::string> ours;
    ours.emplace_back("superchat");
    ours.emplace_back("chat");
    headers request;
    add_ws_offer(request, sample_offer(true));
    const ws_reception r = receive_ws_request("GET", 11, request, ours, ws_deflate());
    EXPECT_EQ(r.status, 101u);
    EXPECT_EQ(r.agreed.protocol, "superchat");
    EXPECT_TRUE(r.agreed.deflate);
    EXPECT_TRUE(accepts(r.answer, sample_offer(true)));
    EXPECT_FALSE(receive_ws_request("GET", 11, request, ours, std::nullopt).agreed.deflate);
    EXPECT_EQ(receive_ws_request("GET", 11, request, std::vector<std::string>(), std::nullopt).agreed.protocol, "");

    const auto status = [&](const char* method, int version, const char* name, const char* value) {
        headers h = request;
        if (*value) h.set(name, value);
        else h.remove(name);
        const ws_reception got = receive_ws_request(method, version, h, ours, std::nullopt);
        EXPECT_EQ(got.status == 101, got.reason.empty());
        EXPECT_EQ(got.status == 426, got.answer.contains("Sec-WebSocket-Version"));
        return got.status;
    };
    EXPECT_EQ(status("GET", 11, "X", "y"), 101u);
    EXPECT_EQ(status("POST", 11, "X", "y"), 400u);
    EXPECT_EQ(status("GET", 10, "X", "y"), 400u);
    EXPECT_EQ(status("GET", 11, "Upgrade", ""), 426u);
    EXPECT_EQ(status("GET", 11, "Upgrade", "h2c"), 426u);
    EXPECT_EQ(status("GET", 11, "Upgrade", "h2c, WebSocket"), 101u);
    EXPECT_EQ(status("GET", 11, "Connection", ""), 426u);
    EXPECT_EQ(status("GET", 11, "Connection", "keep-alive, Upgrade"), 101u);
    EXPECT_EQ(status("GET", 11, "Sec-WebSocket-Version", "8"), 426u);
    EXPECT_EQ(status("GET", 11, "Sec-WebSocket-Version", ""), 426u);
    for (const char* key : {"", "abc", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=x", "dGhlIHNhbXBsZSBub25j===", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBs!SBub25jZQ=="})
        EXPECT_EQ(status("GET", 11, "Sec-WebSocket-Key", key), 400u) << key;
    headers twice = request;
    twice.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_EQ(receive_ws_request("GET", 11, twice, ours, std::nullopt).status, 400u);
}

} // namespace
