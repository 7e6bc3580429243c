// SPDX-License-Identifier: BSL-1.0
// Frame headers and masks: the examples of RFC 6455 section 5.7, every length, every violation.
#include "http/ws_frame.hpp"

#include <brio/http/websocket_error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace {

using namespace brio::http::detail;
using brio::http::websocket_error;

std::string bytes(std::initializer_list<int> all) {
    std::string out;
    for (const int b : all) out += static_cast<char>(b);
    return out;
}

// opcode, flags, size, mask; "more" when incomplete, "refused" for an error.
std::string shape(std::string_view text, std::size_t piece) {
    ws_header_parser parser;
    try {
        for (std::size_t at = 0; at < text.size(); at += piece) {
            std::string_view part = text.substr(at, piece);
            if (!parser.feed(part)) continue;
            const ws_header& h = parser.header();
            std::string out = std::to_string(static_cast<int>(h.opcode)) + (h.last ? "L" : "") + (h.compressed ? "C" : "") + " " + std::to_string(h.size);
            if (h.mask) {
                for (const unsigned char k : *h.mask) out += " " + std::to_string(k);
            }
            return out;
        }
    } catch (const websocket_error& e) {
        EXPECT_EQ(e.close_code(), 1002u);
        return "refused";
    }
    return "more";
}

TEST(ws_frame, headers) {
    struct row {
        std::string text;
        const char* shape;
    };
    for (const auto& [text, wanted] : std::initializer_list<row>{
             {bytes({0x81, 0x05}), "1L 5"},
             {bytes({0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D}), "1L 5 55 250 33 61"},
             {bytes({0x01, 0x03}), "1 3"},
             {bytes({0x80, 0x02}), "0L 2"},
             {bytes({0x89, 0x05}), "9L 5"},
             {bytes({0x8A, 0x85, 1, 2, 3, 4}), "10L 5 1 2 3 4"},
             {bytes({0x82, 0x7E, 0x01, 0x00}), "2L 256"},
             {bytes({0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0}), "2L 65536"},
             {bytes({0xC1, 0x00}), "1LC 0"},
             {bytes({0x88, 0x00}), "8L 0"},
             {bytes({0x82, 0x7D}), "2L 125"},
             {bytes({0x82, 0x7E, 0x00, 0x7E}), "2L 126"},
             {bytes({0x82, 0x7E, 0xFF, 0xFF}), "2L 65535"},
             {bytes({0x82, 0xFE, 0xFF, 0xFF, 9, 8, 7, 6}), "2L 65535 9 8 7 6"},
             {bytes({0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 1, 1}), "2L 9223372036854775807 1 1 1 1"},
             {bytes({0x81}), "more"},
             {bytes({0x82, 0x7E, 0x01}), "more"},
             {bytes({0x81, 0x85, 1, 2, 3}), "more"},
             {bytes({0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0}), "refused"},
             {bytes({0x82, 0x7F, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}), "refused"},
             {bytes({0x82, 0x7E, 0x00, 0x7D}), "refused"},
             {bytes({0x91, 0x00}), "refused"},
             {bytes({0xA1, 0x00}), "refused"},
             {bytes({0x09, 0x00}), "refused"},
             {bytes({0x08, 0x00}), "refused"},
             {bytes({0x89, 0x7E}), "refused"},
             {bytes({0x8A, 0x7F}), "refused"},
         }) {
        for (const std::size_t piece : {1u, 3u, 100u}) EXPECT_EQ(shape(text, piece), wanted);
    }
    for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) EXPECT_EQ(shape(bytes({0x80 | opcode, 0x00}), 1), "refused") << opcode;
}

TEST(ws_frame, what_is_written_is_read) {
    for (const std::uint64_t size : {0ULL, 1ULL, 125ULL, 126ULL, 127ULL, 65535ULL, 65536ULL, 65537ULL, 1ULL << 32, (1ULL << 63) - 1}) {
        for (const bool masked : {false, true}) {
            ws_header h;
            h.opcode = ws_opcode::binary;
            h.size = size;
            h.last = size % 2 == 0;
            h.compressed = masked;
            if (masked) h.mask = ws_mask{1, 2, 3, 4};
            std::string out;
            append_ws_header(out, h);
            ws_header_parser parser;
            const std::string more = out + out;
            std::string_view in = more;
            for (int times = 0; times < 2; ++times) {
                ASSERT_TRUE(parser.feed(in));
                EXPECT_EQ(parser.header().size, size);
                EXPECT_EQ(parser.header().last, h.last);
                EXPECT_EQ(parser.header().compressed, h.compressed);
                EXPECT_EQ(parser.header().mask, h.mask);
            }
            EXPECT_TRUE(in.empty());
        }
    }
}

TEST(ws_frame, masks) {
    const ws_mask key{0x37, 0xFA, 0x21, 0x3D};
    std::string text = "Hello";
    apply_mask(text.data(), text, key, 0);
    EXPECT_EQ(text, bytes({0x7F, 0x9F, 0x4D, 0x51, 0x58}));
    std::mt19937 random(1);
    std::string whole(100, '\0');
    for (char& c : whole) c = static_cast<char>(random());
    std::string masked(100, '\0');
    for (std::size_t i = 0; i < whole.size(); ++i) masked[i] = static_cast<char>(static_cast<unsigned char>(whole[i]) ^ key[i % 4]);
    for (std::size_t begin = 0; begin < 20; ++begin) {
        for (std::size_t size = 0; begin + size <= 60; ++size) {
            std::string out(size, '?');
            apply_mask(out.data(), std::string_view(whole).substr(begin, size), key, begin);
            EXPECT_EQ(out, masked.substr(begin, size));
        }
    }
}

TEST(ws_frame, H_135_mask_keys_differ) {
    ws_mask_source source;
    std::set<ws_mask> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(source.next());
    EXPECT_GT(seen.size(), 990u);
    EXPECT_NE(ws_mask_source().next(), ws_mask_source().next());
}

} // namespace
