// SPDX-License-Identifier: BSL-1.0
// Content types by name.
#include <brio/http/guess_type.hpp>

#include <gtest/gtest.h>

namespace {

using brio::http::guess_type;

TEST(guess_type, by_the_ending) {
    EXPECT_EQ(guess_type("index.html"), "text/html; charset=utf-8");
    EXPECT_EQ(guess_type("/a.b/APP.Js"), "text/javascript; charset=utf-8");
    EXPECT_EQ(guess_type("x.tar.gz"), "application/gzip");
    EXPECT_EQ(guess_type("x.webmanifest"), "application/manifest+json");
    EXPECT_EQ(guess_type("x.7z"), "application/x-7z-compressed");
    EXPECT_EQ(guess_type("x.zip"), "application/zip");
}

TEST(guess_type, otherwise_bytes) {
    for (const char* name : {"", "README", "a.", ".html", "/x.html/y", "a.unknown", "a.webmanifestx", "html", "a.\xff"}) {
        EXPECT_EQ(guess_type(name), "application/octet-stream") << name;
    }
}

}  // namespace
