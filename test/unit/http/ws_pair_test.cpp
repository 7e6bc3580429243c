// SPDX-License-Identifier: BSL-1.0
// A client and a server machine that talk to each other, with and without compression, cut anyhow.
#include "http/ws_machine.hpp"

#include <brio/http/websocket_error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using namespace brio::http::detail;
using brio::http::websocket_error;

struct pair {
    explicit pair(const std::optional<ws_deflate>& deflate, std::size_t most = 1 << 24) : client(of(ws_role::client, deflate, most)), server(of(ws_role::server, deflate, most)) {}
    static ws_settings of(ws_role role, const std::optional<ws_deflate>& deflate, std::size_t most) {
        ws_settings s;
        s.role = role;
        s.deflate = deflate;
        s.max_message = most;
        return s;
    }
    ws_machine client;
    ws_machine server;
};

std::vector<std::string> messages(ws_machine& to, std::string_view bytes, std::size_t piece) {
    std::vector<std::string> got;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        std::string_view in = bytes.substr(0, piece);
        for (;;) {
            const ws_event e = to.next(in);
            if (e.kind == ws_event_kind::need_more) break;
            if (e.kind == ws_event_kind::text) got.push_back("T" + std::string(e.data));
            if (e.kind == ws_event_kind::binary) got.push_back("B" + std::string(e.data));
        }
    }
    return got;
}

std::vector<std::optional<ws_deflate>> all_agreements() {
    std::vector<std::optional<ws_deflate>> all(1);
    for (const int window : {8, 9, 15}) {
        for (const bool forgets : {false, true}) {
            ws_deflate d;
            d.client_window = window;
            d.server_window = window;
            d.client_forgets = forgets;
            d.server_forgets = !forgets;
            all.emplace_back(d);
        }
    }
    return all;
}

TEST(ws_pair, everything_arrives_as_it_was_sent) {
    std::mt19937 random(11);
    for (const auto& agreed : all_agreements()) {
        pair both(agreed);
        for (ws_machine* from : {&both.client, &both.server}) {
            ws_machine& to = from == &both.client ? both.server : both.client;
            std::string wire;
            std::vector<std::string> sent;
            for (int i = 0; i < 80; ++i) {
                const bool text = random() % 2 == 0;
                std::string data(random() % (i % 20 == 0 ? 200'000 : 200), ' ');
                for (char& c : data) c = static_cast<char>(random() % (text ? 128 : 256));
                const ws_opcode kind = text ? ws_opcode::text : ws_opcode::binary;
                if (random() % 3 == 0) {
                    std::string_view rest = data;
                    do {
                        const std::size_t size = random() % (rest.size() + 1);
                        from->fragment(wire, kind, rest.substr(0, size), size == rest.size());
                        if (random() % 3 == 0) from->ping(wire, "between");
                        if (size == rest.size()) break;
                        rest.remove_prefix(size);
                    } while (true);
                } else {
                    from->message(wire, kind, data);
                }
                sent.push_back((text ? "T" : "B") + data);
            }
            EXPECT_EQ(messages(to, wire, 1 + random() % 5000), sent);
            EXPECT_TRUE(to.has_control());
            std::string pongs;
            to.take_control(pongs);
            EXPECT_TRUE(messages(*from, pongs, 3).empty());
        }
    }
}

TEST(ws_pair, compression_saves_bytes_and_spares_short_messages) {
    pair both{ws_deflate()};
    std::string wire;
    const std::string text(10'000, 'a');
    both.server.message(wire, ws_opcode::text, text);
    EXPECT_LT(wire.size(), 100u);
    EXPECT_NE(static_cast<unsigned char>(wire[0]) & 0x40, 0);
    wire.clear();
    both.server.message(wire, ws_opcode::text, "short");
    EXPECT_EQ(wire, std::string("\x81\x05short"));
    wire.clear();
    both.server.message(wire, ws_opcode::text, "");
    EXPECT_EQ(wire, std::string("\x81\x00", 2));
}

TEST(ws_pair, a_window_that_zlib_lacks_means_no_compression) {
    ws_deflate narrow;
    narrow.client_window = 8;
    pair both(narrow);
    std::string wire;
    both.client.message(wire, ws_opcode::text, std::string(1000, 'a'));
    EXPECT_GT(wire.size(), 1000u);
    EXPECT_EQ(messages(both.server, wire, 100).size(), 1u);
}

TEST(ws_pair, H_130_compressed_messages_have_the_same_limit) {
    pair both(ws_deflate(), 1000);
    pair roomy{ws_deflate()};
    std::string wire;
    roomy.server.message(wire, ws_opcode::text, std::string(1000, 'a'));
    EXPECT_EQ(messages(both.client, wire, 100).size(), 1u);
    wire.clear();
    roomy.server.message(wire, ws_opcode::text, std::string(1001, 'a'));
    try {
        messages(both.client, wire, 100);
        ADD_FAILURE();
    } catch (const websocket_error& e) {
        EXPECT_EQ(e.close_code(), 1009u);
    }
}

TEST(ws_pair, H_132_inflated_text_is_checked) {
    pair both{ws_deflate()};
    std::string wire;
    both.server.message(wire, ws_opcode::binary, std::string(100, '\xFF'));
    wire[0] = static_cast<char>(0xC1); // say that it is text
    try {
        messages(both.client, wire, 100);
        ADD_FAILURE();
    } catch (const websocket_error& e) {
        EXPECT_EQ(e.close_code(), 1007u);
    }
}

TEST(ws_pair, reserved_bits_with_compression) {
    for (const int first : {0xC9, 0xC8, 0xCA}) {
        pair both{ws_deflate()};
        EXPECT_THROW(messages(both.client, std::string{static_cast<char>(first), '\0'}, 1), websocket_error) << "control frames are not compressed";
    }
    pair both{ws_deflate()};
    std::string wire;
    both.server.fragment(wire, ws_opcode::text, std::string(5000, 'a'), false);
    both.server.fragment(wire, ws_opcode::text, std::string(5000, 'b'), true);
    EXPECT_EQ(messages(both.client, wire, 7).size(), 1u);
    EXPECT_THROW(messages(both.client, std::string("\x01\x00\xC0\x00", 4), 1), websocket_error) << "the bit stands on the first frame only";
}

TEST(ws_pair, H_135_every_frame_of_a_client_has_a_new_mask) {
    pair both(std::nullopt);
    std::string one, two;
    both.client.message(one, ws_opcode::text, "same");
    both.client.message(two, ws_opcode::text, "same");
    EXPECT_NE(one.substr(2, 4), two.substr(2, 4));
    EXPECT_NE(one.substr(6), two.substr(6));
    std::string from_server;
    both.server.message(from_server, ws_opcode::text, "same");
    EXPECT_EQ(from_server, "\x81\x04same");
}

} // namespace
