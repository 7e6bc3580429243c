// SPDX-License-Identifier: BSL-1.0
// gzip of replies.
#include "http/gzip_encoder.hpp"

#include <gtest/gtest.h>

#include <zlib.h>

#include <string>

namespace {

using namespace brio::http;
using namespace brio::http::detail;

class unpacker {
public:
    unpacker() { inflateInit2(&z_, 16 + MAX_WBITS); }
    ~unpacker() { inflateEnd(&z_); }
    unpacker(const unpacker&) = delete;
    unpacker& operator=(const unpacker&) = delete;
    std::string add(std::string in) {
        std::string out;
        char block[4096];
        z_.next_in = reinterpret_cast<Bytef*>(in.data());
        z_.avail_in = static_cast<uInt>(in.size());
        int how = Z_OK;
        do {
            z_.next_out = reinterpret_cast<Bytef*>(block);
            z_.avail_out = sizeof block;
            how = inflate(&z_, Z_NO_FLUSH);
            out.append(block, sizeof block - z_.avail_out);
        } while (how == Z_OK && z_.avail_out == 0);
        ended = how == Z_STREAM_END;
        return out;
    }
    bool ended = false;

private:
    z_stream z_{};
};

TEST(gzip_encoder, each_piece_can_be_unpacked_when_it_comes) {
    gzip_encoder packer;
    unpacker reader;
    EXPECT_EQ(reader.add(packer.add("first")), "first");
    EXPECT_EQ(reader.add(packer.add("second")), "second");
    EXPECT_FALSE(reader.ended);
    EXPECT_EQ(reader.add(packer.finish()), "");
    EXPECT_TRUE(reader.ended);
}

TEST(gzip_encoder, large_and_empty_bodies) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919);
    gzip_encoder packer;
    std::string packed = packer.add(text);
    packed += packer.finish();
    EXPECT_LT(packed.size(), text.size() * 2 / 3);
    unpacker reader;
    EXPECT_EQ(reader.add(packed), text);
    EXPECT_TRUE(reader.ended);
    gzip_encoder nothing;
    unpacker empty;
    EXPECT_EQ(empty.add(nothing.finish()), "");
    EXPECT_TRUE(empty.ended);
}

TEST(gzip_encoder, who_takes_it) {
    for (const char* yes : {"gzip", "GZIP", "deflate, gzip;q=1.0, *;q=0.5", "*", "gzip;q=0.001", "x-gzip", "br, gzip", "gzip ; q=0.5", "identity;q=0.5, gzip"}) {
        EXPECT_TRUE(accepts_gzip({{"Accept-Encoding", yes}})) << yes;
    }
    for (const char* no : {"", "br", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "gzip;q=x", "gzip;q=0.5, identity;q=0.9", "gzipped",
                           "gzip;q=-1", "gzip;level=9"}) {
        EXPECT_FALSE(accepts_gzip({{"Accept-Encoding", no}})) << no;
    }
    EXPECT_FALSE(accepts_gzip({}));
    EXPECT_TRUE(accepts_gzip({{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}}));
}

TEST(gzip_encoder, what_gets_smaller) {
    for (const char* yes : {"text/html; charset=utf-8", "TEXT/PLAIN", "application/json", "application/problem+json", "image/svg+xml", "text/css"}) {
        EXPECT_TRUE(is_compressible(yes)) << yes;
    }
    for (const char* no : {"", "image/png", "application/zip", "application/octet-stream", "video/mp4", "text/event-stream", "font/woff2"}) {
        EXPECT_FALSE(is_compressible(no)) << no;
    }
}

}  // namespace
