// SPDX-License-Identifier: BSL-1.0
// permessage-deflate: the examples of RFC 7692 section 7.2.3, bombs, broken data.
#include "http/ws_codec.hpp"

#include <brio/http/websocket_error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace {

using namespace brio::http::detail;
using brio::http::websocket_error;

constexpr std::size_t plenty = 1 << 30;

std::string bytes(std::initializer_list<int> all) {
    std::string out;
    for (const int b : all) out += static_cast<char>(b);
    return out;
}
std::string inflated(ws_inflater& by, std::string_view data, std::size_t most = plenty) {
    std::string out;
    by.feed(data, out, most);
    by.finish(out, most);
    return out;
}
unsigned code_of(std::string_view data, std::size_t most = plenty) {
    ws_inflater by(false);
    try {
        inflated(by, data, most);
    } catch (const websocket_error& e) {
        return e.close_code();
    }
    return 0;
}

TEST(ws_codec, examples_of_the_rfc) {
    ws_inflater by(false);
    const std::string hello = bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00});
    EXPECT_EQ(inflated(by, hello), "Hello");
    EXPECT_EQ(inflated(by, bytes({0xF2, 0x00, 0x11, 0x00, 0x00})), "Hello") << "out of the window";
    ws_inflater fresh(false);
    EXPECT_EQ(inflated(fresh, bytes({0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00})), "Hello") << "a stored block";
    EXPECT_EQ(inflated(fresh, bytes({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00})), "Hello") << "a last block";
    EXPECT_EQ(inflated(fresh, bytes({0xF2, 0x00, 0x11, 0x00, 0x00})), "Hello") << "whose window lives on";
    EXPECT_EQ(inflated(fresh, bytes({0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00})), "Hello") << "two blocks";
    EXPECT_EQ(inflated(fresh, bytes({0x00})), "") << "an empty message";
}

TEST(ws_codec, what_is_deflated_inflates) {
    std::mt19937 random(3);
    for (const bool forgets : {false, true}) {
        for (const int window : {9, 12, 15}) {
            ws_deflater out(forgets, window);
            ws_inflater in(forgets);
            for (int round = 0; round < 60; ++round) {
                std::string text(random() % (round % 10 == 0 ? 300'000 : 300), ' ');
                const auto letters = 1 + random() % 200;
                for (char& c : text) c = static_cast<char>(random() % letters);
                std::string data;
                std::string_view rest = text;
                for (auto parts = random() % 3; parts > 0; --parts) {
                    const std::size_t size = rest.empty() ? 0 : random() % rest.size();
                    out.feed(rest.substr(0, size), data, false);
                    rest.remove_prefix(size);
                }
                out.feed(rest, data, true);
                std::string back;
                for (std::size_t at = 0; at < data.size(); at += 97) in.feed(std::string_view(data).substr(at, 97), back, plenty);
                in.finish(back, plenty);
                ASSERT_EQ(back, text) << round;
            }
        }
    }
}

TEST(ws_codec, with_takeover_repetitions_cost_nothing) {
    const std::string text = "a text that is repeated in every message, with some length to it";
    ws_deflater keeps(false, 15);
    ws_deflater forgets(true, 15);
    std::string first, second, alone;
    keeps.feed(text, first, true);
    keeps.feed(text, second, true);
    EXPECT_LT(second.size() * 4, first.size());
    for (int i = 0; i < 2; ++i) {
        alone.clear();
        forgets.feed(text, alone, true);
    }
    EXPECT_EQ(alone, first);
}

TEST(ws_codec, broken_data_is_1007) {
    EXPECT_EQ(code_of(bytes({0xFF, 0xFF, 0xFF})), 1007u);
    EXPECT_EQ(code_of(bytes({0x00, 0x05, 0x00, 0x00, 0x00})), 1007u) << "a stored block whose lengths disagree";
    EXPECT_EQ(code_of(bytes({0xF2, 0x00, 0x11, 0x00, 0x00})), 1007u) << "a reference before the beginning";
    ws_inflater forgets(true);
    inflated(forgets, bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}));
    EXPECT_THROW(inflated(forgets, bytes({0xF2, 0x00, 0x11, 0x00, 0x00})), websocket_error) << "the window was to be forgotten";
}

TEST(ws_codec, H_130_a_bomb_is_1009) {
    ws_deflater by(false, 15);
    std::string bomb;
    by.feed(std::string(50'000'000, 'x'), bomb, true);
    EXPECT_LT(bomb.size(), 100'000u);
    ws_inflater in(false);
    std::string out;
    EXPECT_THROW(in.feed(bomb, out, 1'000'000), websocket_error);
    EXPECT_LE(out.size(), 1'000'001u) << "nothing more was produced";
    EXPECT_EQ(code_of(bomb, 49'999'999), 1009u);
    EXPECT_EQ(code_of(bomb, 50'000'000), 0u);
    EXPECT_EQ(code_of(bytes({0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}), 0), 1009u);
    EXPECT_EQ(code_of(bytes({0x00}), 0), 0u);
}

} // namespace
