// SPDX-License-Identifier: BSL-1.0
// Content decoding: formats, limits, pieces and bombs.
#include "encoded_samples.hpp"
#include "http/content_decoder.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace brio::http;
using namespace brio::test;
using namespace std::string_literals;
using detail::coding;
using detail::coding_list;
using detail::content_decoder;

coding_list list(coding a) { return {{a}, 1}; }
coding_list list(coding a, coding b) { return {{a, b}, 2}; }

// window_bits: 31 gzip, 15 zlib, -15 raw.
std::string deflated(std::string_view text, int window_bits, int level = 9) {
    z_stream z{};
    deflateInit2(&z, level, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&z, text.size()) + 64, '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z.avail_in = static_cast<uInt>(text.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}
std::string gzipped(std::string_view text) { return deflated(text, 31); }

std::string sample(std::size_t n) {
    std::string s;
    for (std::size_t i = 0; s.size() < n; ++i) s += "line " + std::to_string(i * 7919 % 1000) + "\n";
    s.resize(n);
    return s;
}

std::string in_pieces(content_decoder& d, const coding_list& codings, std::string_view raw,
                      std::size_t piece) {
    std::string out;
    d.start(codings);
    for (std::size_t at = 0; at < raw.size(); at += piece) {
        d.feed(raw.substr(at, piece));
        for (auto o = d.next(); o.what != content_decoder::event::need_input; o = d.next()) {
            EXPECT_LE(o.data.size(), content_decoder::slice_size);
            out += o.data;
        }
    }
    d.finish();
    return out;
}

void expect_everywhere(content_decoder& d, const coding_list& codings, const std::string& raw,
                       const std::string& text) {
    EXPECT_EQ(d.decode_all(codings, raw), text);
    for (const std::size_t piece : {1u, 2u, 3u, 7u, 1000u, 65'536u}) {
        if (raw.size() / piece > 100'000) continue;
        EXPECT_EQ(in_pieces(d, codings, raw, piece), text) << piece;
    }
}

TEST(content_decoder, every_format_in_every_piece_size) {
    content_decoder d; // one decoder for all: it must forget the previous body
    for (const std::size_t n : {0u, 1u, 100u, 65'535u, 65'536u, 65'537u, 300'000u}) {
        const auto text = sample(n);
        expect_everywhere(d, list(coding::gzip), gzipped(text), text);
        expect_everywhere(d, list(coding::deflate), deflated(text, 15), text);
        expect_everywhere(d, list(coding::deflate), deflated(text, -15), text);
        expect_everywhere(d, list(coding::gzip, coding::deflate), deflated(gzipped(text), 15), text);
        expect_everywhere(d, list(coding::gzip, coding::gzip), gzipped(gzipped(text)), text);
        expect_everywhere(d, {}, text, text);
    }
}

TEST(content_decoder, H_065_deflate_with_and_without_header) {
    content_decoder d;
    for (int level = 0; level <= 9; ++level) {
        const auto text = sample(5000);
        EXPECT_EQ(d.decode_all(list(coding::deflate), deflated(text, 15, level)), text);
        EXPECT_EQ(d.decode_all(list(coding::deflate), deflated(text, -15, level)), text);
    }
    for (const auto& bad : {"hello world"s, "\xff\xff\xff\xff"s, gzipped("x"), "\x78\x9c\xff\xff\xff"s})
        EXPECT_THROW(d.decode_all(list(coding::deflate), bad), decode_error) << testing::PrintToString(bad);
}

TEST(content_decoder, H_066_empty_bodies) {
    content_decoder d;
    for (const coding c : {coding::gzip, coding::deflate}) {
        EXPECT_EQ(d.decode_all(list(c), ""), "");
        d.start(list(c));
        d.feed("");
        EXPECT_EQ(d.next().what, content_decoder::event::need_input);
        EXPECT_NO_THROW(d.finish());
    }
    EXPECT_EQ(d.decode_all(list(coding::gzip, coding::gzip), ""), "");
}

TEST(content_decoder, cut_and_corrupt_bodies) {
    content_decoder d;
    const auto text = sample(10'000);
    const auto raw = gzipped(text);
    for (const std::size_t n :
         {std::size_t{1}, std::size_t{5}, std::size_t{10}, raw.size() / 2, raw.size() - 1}) {
        EXPECT_THROW(d.decode_all(list(coding::gzip), raw.substr(0, n)), decode_error) << n;
        EXPECT_THROW(in_pieces(d, list(coding::gzip), raw.substr(0, n), 3), decode_error) << n;
    }
    const auto zlib_raw = deflated(text, 15);
    EXPECT_THROW(d.decode_all(list(coding::deflate), zlib_raw.substr(0, 1)), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::deflate), zlib_raw.substr(0, zlib_raw.size() - 1)), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::gzip, coding::deflate), deflated(raw.substr(0, 100), 15)),
                 decode_error);
    auto flipped = raw;
    flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);
    EXPECT_THROW(d.decode_all(list(coding::gzip), flipped), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::gzip), "not gzip at all"), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::gzip), raw + "garbage"), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::deflate), zlib_raw + "garbage"), decode_error);
    EXPECT_EQ(d.decode_all(list(coding::gzip), raw + std::string(100, '\0')), text);
    EXPECT_EQ(d.decode_all(list(coding::gzip), raw), text); // usable after all that
}

TEST(content_decoder, gzip_members) {
    content_decoder d;
    std::string raw;
    for (int i = 0; i < 1024; ++i) raw += gzipped("a");
    expect_everywhere(d, list(coding::gzip), raw, std::string(1024, 'a'));
    raw += gzipped("a");
    EXPECT_THROW(d.decode_all(list(coding::gzip), raw), decode_error);
    EXPECT_THROW(in_pieces(d, list(coding::gzip), raw, 100), decode_error);
}

TEST(content_decoder, H_059_bombs_meet_the_limit) {
    content_decoder d;
    const auto bomb = gzipped(std::string(50 << 20, '\0'));
    ASSERT_LT(bomb.size(), 60'000u);
    try {
        d.decode_all(list(coding::gzip), bomb, 1 << 20, "options.max_body");
        FAIL();
    } catch (const body_too_large& e) {
        EXPECT_EQ(e.limit(), 1u << 20);
        EXPECT_NE(std::string(e.what()).find("options.max_body"), std::string::npos) << e.what();
    }
    // As a stream it is handed out in slices, however small the input was.
    d.start(list(coding::gzip));
    d.feed(bomb);
    std::size_t total = 0, slices = 0;
    for (auto o = d.next(); o.what == content_decoder::event::data; o = d.next()) {
        EXPECT_LE(o.data.size(), content_decoder::slice_size);
        total += o.data.size();
        ++slices;
    }
    EXPECT_EQ(total, 50u << 20);
    EXPECT_EQ(slices, 800u);
    // The limit is exact.
    EXPECT_EQ(d.decode_all(list(coding::gzip), gzipped(std::string(1000, 'x')), 1000).size(), 1000u);
    EXPECT_THROW(d.decode_all(list(coding::gzip), gzipped(std::string(1001, 'x')), 1000), body_too_large);
    EXPECT_THROW(d.decode_all({}, std::string(1001, 'x'), 1000), body_too_large);
}

TEST(content_decoder, bomb_inside_a_bomb_yields) {
    content_decoder d;
    // 64 MiB of empty deflate blocks, themselves compressed: much inner work, no output.
    std::string blocks;
    for (int i = 0; i < 64; ++i) blocks += "\x00\x00\x00\xff\xff"s;
    std::string inner;
    while (inner.size() < (64u << 20)) inner += blocks;
    inner += "\x01\x00\x00\xff\xff"s;
    const auto raw = gzipped(inner);
    d.start(list(coding::deflate, coding::gzip));
    d.feed(raw);
    int busy = 0;
    for (auto o = d.next(); o.what != content_decoder::event::need_input; o = d.next()) {
        EXPECT_EQ(o.what, content_decoder::event::busy);
        ++busy;
    }
    EXPECT_GT(busy, 30);
    EXPECT_NO_THROW(d.finish());
}

TEST(content_decoder, content_encoding_values) {
    const auto codings = [](const char* text) { return detail::parse_content_encoding(text); };
    EXPECT_EQ(codings("")->size, 0u);
    EXPECT_EQ(codings("identity")->size, 0u);
    EXPECT_EQ(codings("GZip")->size, 1u);
    EXPECT_EQ(codings("x-gzip")->items[0], coding::gzip);
    ASSERT_EQ(codings("deflate, gzip")->size, 2u);
    EXPECT_EQ(codings("deflate, gzip")->items[1], coding::gzip);
    EXPECT_FALSE(codings("aws-chunked"));
    EXPECT_FALSE(codings("gzip, foo"));
    EXPECT_THROW(codings("gzip, gzip, gzip"), decode_error);
    EXPECT_THROW(codings("foo, gzip, gzip"), decode_error);
}

bool built_in(std::string_view name) { return detail::parse_content_encoding(name).has_value(); }

std::string mod251() {
    std::string s(300'000, '\0');
    for (std::size_t i = 0; i < s.size(); ++i) s[i] = static_cast<char>(i % 251);
    return s;
}

TEST(content_decoder, brotli) {
    if (!built_in("br")) GTEST_SKIP() << "built without brotli";
    content_decoder d;
    const auto hello = from_hex(brotli_hello);
    expect_everywhere(d, list(coding::br), hello, "hello hello hello hello\n");
    expect_everywhere(d, list(coding::br), from_hex(brotli_mod251), mod251());
    EXPECT_EQ(d.decode_all(list(coding::br), ""), "");
    EXPECT_THROW(d.decode_all(list(coding::br), hello.substr(0, 6)), decode_error);
    EXPECT_THROW(in_pieces(d, list(coding::br), hello.substr(0, 6), 1), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::br), hello + "x"), decode_error);
    EXPECT_THROW(in_pieces(d, list(coding::br), hello + "x", 1), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::br), "\xff\xff\xff\xff"), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::br), from_hex(brotli_large)), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::br), from_hex(brotli_mod251), 299'999), body_too_large);
    EXPECT_EQ(d.decode_all(list(coding::br, coding::gzip), gzipped(hello)), "hello hello hello hello\n");
}

TEST(content_decoder, zstd) {
    if (!built_in("zstd")) GTEST_SKIP() << "built without zstd";
    content_decoder d;
    const auto hello = from_hex(zstd_hello);
    expect_everywhere(d, list(coding::zstd), hello, "hello hello hello hello\n");
    expect_everywhere(d, list(coding::zstd), from_hex(zstd_mod251), mod251());
    expect_everywhere(d, list(coding::zstd), hello + hello,
                      "hello hello hello hello\nhello hello hello hello\n");
    EXPECT_EQ(d.decode_all(list(coding::zstd), ""), "");
    EXPECT_THROW(d.decode_all(list(coding::zstd), hello.substr(0, 10)), decode_error);
    EXPECT_THROW(in_pieces(d, list(coding::zstd), hello.substr(0, 10), 1), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::zstd), hello + "garbage"), decode_error);
    EXPECT_THROW(d.decode_all(list(coding::zstd), from_hex(zstd_mod251), 299'999), body_too_large);
    std::string frames;
    for (int i = 0; i < 1025; ++i) frames += hello;
    EXPECT_THROW(d.decode_all(list(coding::zstd), frames), decode_error);
    // One raw block behind a header that asks for a window of 8 or 16 MiB.
    EXPECT_EQ(d.decode_all(list(coding::zstd), from_hex("28b52ffd006829000068656c6c6f")), "hello");
    EXPECT_THROW(d.decode_all(list(coding::zstd), from_hex("28b52ffd007029000068656c6c6f")), decode_error);
}

} // namespace
