// SPDX-License-Identifier: BSL-1.0
// What a WebSocket peer may send and what not: the ideas of the Autobahn test suite as tables.
#include "http/ws_machine.hpp"

#include <brio/http/error.hpp>
#include <brio/http/websocket_error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http::detail;
using brio::http::invalid_request;
using brio::http::websocket_error;

std::string frame(int opcode, std::string_view payload, bool last = true, bool compressed = false) {
    ws_header h;
    h.opcode = static_cast<ws_opcode>(opcode);
    h.last = last;
    h.compressed = compressed;
    h.size = payload.size();
    std::string out;
    append_ws_header(out, h);
    return out.append(payload);
}
std::string close_frame(unsigned code, std::string_view reason = {}) {
    std::string payload;
    payload.append(1, static_cast<char>(code >> 8)).append(1, static_cast<char>(code & 0xFF)).append(reason);
    return frame(8, payload);
}
std::string masked(std::string_view plain) {
    // One frame whose payload is below 126 bytes.
    std::string out(plain.substr(0, 2));
    out[1] = static_cast<char>(static_cast<unsigned char>(out[1]) | 0x80);
    const ws_mask key{0x11, 0x22, 0x33, 0x44};
    out.append(key.begin(), key.end());
    std::string payload(plain.substr(2));
    apply_mask(payload.data(), payload, key, 0);
    return out + payload;
}

void note(std::string& log, const ws_event& e) {
    if (!log.empty()) log += ' ';
    switch (e.kind) {
    case ws_event_kind::text:
        log += "T(" + std::string(e.data) + ")";
        break;
    case ws_event_kind::binary:
        log += "B(" + std::string(e.data) + ")";
        break;
    case ws_event_kind::ping:
        log += "ping(" + std::string(e.data) + ")";
        break;
    case ws_event_kind::pong:
        log += "pong(" + std::string(e.data) + ")";
        break;
    case ws_event_kind::close:
        log += "close " + std::to_string(e.code) + "(" + std::string(e.data) + ")";
        break;
    case ws_event_kind::need_more:
        break;
    }
}
std::string feed(ws_machine& m, std::string_view bytes, std::size_t piece = 1'000'000) {
    std::string log;
    try {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
            std::string_view in = bytes.substr(0, piece);
            for (;;) {
                const ws_event e = m.next(in);
                if (e.kind == ws_event_kind::need_more) break;
                note(log, e);
            }
        }
    } catch (const websocket_error& e) {
        log += (log.empty() ? "" : " ") + std::string("failed ") + std::to_string(e.close_code());
    }
    return log;
}
// What a client makes of these bytes of a server, however they are cut.
std::string client(std::string_view bytes, std::size_t most = 1000) {
    ws_settings settings;
    settings.max_message = most;
    std::string whole;
    for (const std::size_t piece : {1'000'000u, 1u, 2u, 7u}) {
        ws_machine m(settings);
        const std::string log = feed(m, bytes, piece);
        if (whole.empty()) whole = log;
        EXPECT_EQ(log, whole) << "in pieces of " << piece;
    }
    return whole;
}
std::string control_of(ws_machine& m) {
    std::string out;
    m.take_control(out);
    return out;
}

TEST(ws_machine, messages_and_their_sizes) {
    EXPECT_EQ(client(frame(1, "")), "T()");
    EXPECT_EQ(client(frame(2, "")), "B()");
    for (const std::size_t size : {1u, 125u, 126u, 127u, 128u, 65535u, 65536u, 70000u}) {
        const std::string text(size, 'x');
        EXPECT_EQ(client(frame(1, text), 100'000), "T(" + text + ")") << size;
        EXPECT_EQ(client(frame(2, text) + frame(1, "a"), 100'000), "B(" + text + ") T(a)") << size;
    }
}

TEST(ws_machine, pings_are_answered) {
    EXPECT_EQ(client(frame(9, "")), "ping()");
    EXPECT_EQ(client(frame(9, std::string("\0\xFF", 2)) + frame(10, "unasked") + frame(1, "a")), std::string("ping(\0\xFF) pong(unasked) T(a)", 27));
    EXPECT_EQ(client(frame(9, std::string(126, 'x'))), "failed 1002");
    ws_machine m{ws_settings()};
    EXPECT_EQ(feed(m, frame(9, "one") + frame(9, "two") + frame(10, "x")), "ping(one) ping(two) pong(x)");
    EXPECT_TRUE(m.has_control());
    ws_settings server;
    server.role = ws_role::server;
    ws_machine peer(server);
    EXPECT_EQ(feed(peer, control_of(m)), "pong(one) pong(two)");
    EXPECT_FALSE(m.has_control());
}

TEST(ws_machine, H_134_of_a_flood_of_pings_only_the_latest_are_answered) {
    ws_machine m{ws_settings()};
    for (int i = 0; i < 100'000; ++i) feed(m, frame(9, std::to_string(i) + std::string(100, 'x')));
    const std::string waiting = control_of(m);
    EXPECT_LT(waiting.size(), 16u * 131u + 1);
    ws_settings server;
    server.role = ws_role::server;
    ws_machine peer(server);
    EXPECT_TRUE(feed(peer, waiting).find("pong(99999xx") != std::string::npos);
}

TEST(ws_machine, fragments) {
    EXPECT_EQ(client(frame(1, "a", false) + frame(0, "b")), "T(ab)");
    EXPECT_EQ(client(frame(2, "a", false) + frame(0, "", false) + frame(0, "b", false) + frame(0, "")), "B(ab)");
    EXPECT_EQ(client(frame(1, "", false) + frame(0, "", false) + frame(0, "")), "T()");
    EXPECT_EQ(client(frame(1, "a", false) + frame(9, "p") + frame(0, "b", false) + frame(10, "q") + frame(0, "c") + frame(1, "d")), "ping(p) pong(q) T(abc) T(d)");
    EXPECT_EQ(client(frame(1, "a", false) + close_frame(1000)), "close 1000()");
    EXPECT_EQ(client(frame(0, "a")), "failed 1002");
    EXPECT_EQ(client(frame(0, "a", false)), "failed 1002");
    EXPECT_EQ(client(frame(1, "a") + frame(0, "b")), "T(a) failed 1002");
    EXPECT_EQ(client(frame(1, "a", false) + frame(1, "b")), "failed 1002");
    EXPECT_EQ(client(frame(1, "a", false) + frame(2, "b", false)), "failed 1002");
    EXPECT_EQ(client(frame(9, "p", false) + frame(0, "q")), "failed 1002");
    EXPECT_EQ(client(frame(1, "a", false) + frame(9, "p", false)), "failed 1002");
}

TEST(ws_machine, reserved_bits_and_opcodes) {
    EXPECT_EQ(client(frame(1, "a", true, true)), "failed 1002") << "compression was not agreed on";
    for (const int first : {0x91, 0xA1, 0xB1, 0xC9, 0xF1}) {
        std::string bytes = frame(1, "a");
        bytes[0] = static_cast<char>(first);
        EXPECT_EQ(client(frame(1, "ok") + bytes), "T(ok) failed 1002") << first;
    }
    for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) EXPECT_EQ(client(frame(1, "ok") + frame(opcode, "") + frame(9, "")), "T(ok) failed 1002");
}

TEST(ws_machine, masks_go_one_way) {
    EXPECT_EQ(client(masked(frame(1, "a"))), "failed 1002") << "a server's frames are not masked";
    ws_settings settings;
    settings.role = ws_role::server;
    for (const std::size_t piece : {1u, 3u, 100u}) {
        ws_machine server(settings);
        EXPECT_EQ(feed(server, masked(frame(1, "Hello, mask", false)) + masked(frame(9, "ping")) + masked(frame(0, " and more")) + masked(frame(2, "")), piece),
                  "ping(ping) T(Hello, mask and more) B()");
        EXPECT_EQ(feed(server, frame(1, "a"), piece), "failed 1002");
    }
}

TEST(ws_machine, H_130_lengths_are_refused_before_anything_is_kept) {
    const auto header = [](std::uint64_t size, ws_opcode opcode = ws_opcode::binary) {
        ws_header h;
        h.opcode = opcode;
        h.size = size;
        std::string out;
        append_ws_header(out, h);
        return out;
    };
    std::string top = header((1ULL << 63) - 1);
    top[2] = static_cast<char>(0x80);
    EXPECT_EQ(client(top), "failed 1002");
    EXPECT_EQ(client(header((1ULL << 63) - 1)), "failed 1009");
    EXPECT_EQ(client(header(1001)), "failed 1009");
    EXPECT_EQ(client(header(16 * 1024 * 1024 + 1), 16 * 1024 * 1024), "failed 1009");
    EXPECT_EQ(client(frame(2, std::string(1000, 'x'))).size(), 1003u);
    EXPECT_EQ(client(frame(2, std::string(600, 'x'), false) + frame(0, std::string(400, 'x'))).size(), 1003u);
    EXPECT_EQ(client(frame(2, std::string(600, 'x'), false) + frame(0, std::string(401, 'x'))), "failed 1009");
    EXPECT_EQ(client(frame(2, std::string(600, 'x'), false) + header(401, ws_opcode::continuation)), "failed 1009") << "at once";
}

TEST(ws_machine, H_132_text_is_utf8) {
    const std::string greek = "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5";
    EXPECT_EQ(client(frame(1, greek)), "T(" + greek + ")");
    std::string in_bytes;
    for (std::size_t i = 0; i < greek.size(); ++i) in_bytes += frame(i == 0 ? 1 : 0, greek.substr(i, 1), i + 1 == greek.size());
    EXPECT_EQ(client(in_bytes), "T(" + greek + ")");
    for (const char* bad : {"\xED\xA0\x80", "\xC0\xAF", "\xF4\x90\x80\x80", "\x80", "\xFF", "ok\xE1"}) {
        EXPECT_EQ(client(frame(1, bad)), "failed 1007") << bad;
        EXPECT_EQ(client(frame(1, bad, false) + frame(0, "")), "failed 1007") << bad;
        EXPECT_EQ(client(frame(2, bad)), "B(" + std::string(bad) + ")");
        EXPECT_EQ(client(close_frame(1000, bad)), "failed 1007") << bad;
    }
    ws_machine early{ws_settings()};
    EXPECT_EQ(feed(early, frame(1, "abc\xFF, and very much more", false).substr(0, 8)), "failed 1007") << "not only at the end";
    EXPECT_EQ(client(frame(1, "\xCE", false) + frame(9, "\xFF") + frame(0, "\xBA")), "ping(\xFF) T(\xCE\xBA)");
    EXPECT_EQ(client(frame(1, "\xCE") + frame(1, "\xBA")), "failed 1007") << "characters do not cross messages";
}

TEST(ws_machine, closing) {
    EXPECT_EQ(client(frame(8, "")), "close 1005()");
    EXPECT_EQ(client(close_frame(1000)), "close 1000()");
    EXPECT_EQ(client(close_frame(4999, "bye \xC3\xA4")), "close 4999(bye \xC3\xA4)");
    EXPECT_EQ(client(close_frame(1000, std::string(123, 'x'))), "close 1000(" + std::string(123, 'x') + ")");
    EXPECT_EQ(client(close_frame(1000, std::string(124, 'x'))), "failed 1002");
    EXPECT_EQ(client(frame(8, "x")), "failed 1002");
    for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 1013u, 1014u, 3000u, 3999u, 4000u, 4999u})
        EXPECT_EQ(client(close_frame(code)), "close " + std::to_string(code) + "()");
    for (const unsigned code : {0u, 1u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u}) EXPECT_EQ(client(close_frame(code)), "failed 1002") << code;
    EXPECT_EQ(client(close_frame(1000) + frame(1, "late") + frame(3, "")), "close 1000()") << "what follows is dropped";
}

TEST(ws_machine, a_close_is_answered_once) {
    ws_settings settings;
    settings.role = ws_role::server;
    ws_machine server(settings);
    ws_machine m{ws_settings()};
    EXPECT_EQ(feed(m, close_frame(4000, "why")), "close 4000(why)");
    EXPECT_TRUE(m.is_closing() && m.close_received() && !m.close_sent());
    m.close(1000);
    const std::string out = control_of(m);
    EXPECT_TRUE(m.close_sent());
    EXPECT_EQ(feed(server, out), "close 4000()");
    EXPECT_EQ(control_of(m), "");
    EXPECT_FALSE(m.has_control());
    std::string none;
    EXPECT_THROW(m.message(none, ws_opcode::text, "x"), invalid_request);
    EXPECT_THROW(m.ping(none, ""), invalid_request);
    EXPECT_EQ(none, "");

    ws_machine first{ws_settings()};
    first.close(1001, "going");
    EXPECT_EQ(feed(first, frame(1, "still coming") + frame(9, "p")), "T(still coming) ping(p)");
    ws_machine other(settings);
    EXPECT_EQ(feed(other, control_of(first)), "close 1001(going)") << "and no pong behind it";
    EXPECT_EQ(feed(first, control_of(other)), "close 1001()");
    EXPECT_FALSE(first.has_control());
    ws_machine empty{ws_settings()};
    empty.close();
    ws_machine third(settings);
    EXPECT_EQ(feed(third, control_of(empty)), "close 1005()");
    EXPECT_EQ(control_of(third).size(), 2u) << "no code, no code back";
}

TEST(ws_machine, a_violation_is_told_to_the_peer) {
    ws_settings settings;
    settings.role = ws_role::server;
    for (const auto& [bytes, code] : {std::pair(frame(1, "\xFF"), 1007), std::pair(frame(3, ""), 1002), std::pair(frame(2, std::string(1001, 'x')), 1009)}) {
        ws_settings small;
        small.max_message = 1000;
        ws_machine m(small);
        EXPECT_EQ(feed(m, bytes), "failed " + std::to_string(code));
        EXPECT_EQ(feed(m, frame(1, "late")), "");
        ws_machine peer(settings);
        EXPECT_EQ(feed(peer, control_of(m)), "close " + std::to_string(code) + "()");
    }
}

TEST(ws_machine, H_017_closes_that_may_not_be_sent) {
    for (const unsigned code : {0u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 2999u, 5000u, 70000u}) {
        ws_machine m{ws_settings()};
        EXPECT_THROW(m.close(code), invalid_request) << code;
        EXPECT_FALSE(m.is_closing());
        m.close(1000);
        EXPECT_TRUE(m.is_closing());
    }
    ws_machine m{ws_settings()};
    EXPECT_THROW(m.close(1000, std::string(124, 'x')), invalid_request);
    EXPECT_THROW(m.close(1000, "\xFF"), invalid_request);
    EXPECT_THROW(m.close(std::nullopt, "why"), invalid_request);
    m.close(3000, std::string(123, 'x'));
    EXPECT_EQ(control_of(m).size(), 2u + 4u + 125u);
}

TEST(ws_machine, messages_that_may_not_be_sent) {
    ws_machine m{ws_settings()};
    std::string out;
    EXPECT_THROW(m.message(out, ws_opcode::text, "\xFF"), invalid_request);
    EXPECT_THROW(m.fragment(out, ws_opcode::text, "\xFF", false), invalid_request);
    EXPECT_THROW(m.ping(out, std::string(126, 'x')), invalid_request);
    EXPECT_EQ(out, "");
    m.message(out, ws_opcode::binary, "\xFF");
    m.fragment(out, ws_opcode::text, "\xCE", false);
    EXPECT_THROW(m.message(out, ws_opcode::binary, "x"), invalid_request) << "inside another one";
    EXPECT_THROW(m.fragment(out, ws_opcode::text, "", true), invalid_request) << "it ends inside a character";
}

} // namespace
