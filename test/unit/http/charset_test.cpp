// SPDX-License-Identifier: BSL-1.0
// Decoding to UTF-8.
#include <brio/http/charset.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using brio::http::decode_text;
using brio::http::is_utf8;
using namespace std::string_literals;

const std::string bad = "\xef\xbf\xbd";

TEST(charset, utf8_with_replacement) {
    EXPECT_EQ(decode_text("plain"), "plain");
    EXPECT_EQ(decode_text("k\xc3\xa4se \xf0\x9f\x98\x80"), "k\xc3\xa4se \xf0\x9f\x98\x80");
    // One replacement for each maximal ill-formed part, as browsers do.
    EXPECT_EQ(decode_text("a\xff"
                          "b"),
              "a" + bad + "b");
    EXPECT_EQ(decode_text("\xc0\xaf"), bad + bad);
    EXPECT_EQ(decode_text("\xe0\x80\xaf"), bad + bad + bad);
    EXPECT_EQ(decode_text("\xed\xa0\x80"), bad + bad + bad);
    EXPECT_EQ(decode_text("\xf4\x90\x80\x80"), bad + bad + bad + bad);
    EXPECT_EQ(decode_text("\xe2\x82"), bad);
    EXPECT_EQ(decode_text("\xf0\x9f\x98x"), bad + "x");
    EXPECT_EQ(decode_text("12345678\xe2\x82 12345678"), "12345678" + bad + " 12345678");
    EXPECT_EQ(decode_text("\x80"), bad);
    EXPECT_EQ(decode_text("a\0b"s), "a\0b"s);
    EXPECT_EQ(decode_text(""), "");
}

TEST(charset, is_utf8) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80"));
    for (const char* no : {"\xc1\xbf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc3", "abcdefgh\xc3", "\xbf"})
        EXPECT_FALSE(is_utf8(no));
}

TEST(charset, single_bytes) {
    for (const char* label :
         {"latin-1", "ISO-8859-1", "iso8859-1", " Windows-1252 ", "us-ascii", "ascii", "cp1252"})
        EXPECT_EQ(decode_text("\xe4\x80\x93x\x81\xff", label),
                  "\xc3\xa4\xe2\x82\xac\xe2\x80\x9cx\xc2\x81\xc3\xbf")
            << label;
}

TEST(charset, utf16_and_marks) {
    EXPECT_EQ(decode_text("a\0\xe4\0"s, "utf-16"), "a\xc3\xa4");
    EXPECT_EQ(decode_text("\xff\xfe"
                          "a\0\xe4\0"s,
                          "utf-16"),
              "a\xc3\xa4");
    EXPECT_EQ(decode_text("\xfe\xff\0a\0\xe4"s, "utf-16"), "a\xc3\xa4");
    EXPECT_EQ(decode_text("\0a"s, "utf-16be"), "a");
    EXPECT_EQ(decode_text("\x3d\xd8\x00\xde"s, "utf-16le"), "\xf0\x9f\x98\x80");
    EXPECT_EQ(decode_text("\x3d\xd8"
                          "a\0"s,
                          "utf-16le"),
              bad + "a");
    EXPECT_EQ(decode_text("\x00\xde"s, "utf-16le"), bad);
    EXPECT_EQ(decode_text("a\0b"s, "utf-16le"), "a" + bad);
    EXPECT_EQ(decode_text("\xef\xbb\xbfx"), "x");
    EXPECT_EQ(decode_text("\xef\xbb\xbf\xc3\xa4", "latin-1"), "\xc3\xa4");
    EXPECT_EQ(decode_text("\xff\xfe"
                          "a\0"s),
              "a");
}

TEST(charset, unknown_labels) {
    for (const char* label : {"shift_jis", "x", "utf-32", "utf-7"})
        EXPECT_EQ(decode_text("x", label), std::nullopt) << label;
    EXPECT_EQ(decode_text("x", "UTF8"), "x");
}

} // namespace
