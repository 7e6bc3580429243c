// SPDX-License-Identifier: BSL-1.0
// The Set-Cookie parser and the lines of cookie files.
#include "http/set_cookie.hpp"

#include "http/cookie_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::chrono;
using namespace brio::http;
using detail::parse_set_cookie;

constexpr sys_seconds now = sys_days(year(2026) / 3 / 1) + 12h;

std::string pair_of(std::string_view text) {
    const auto c = parse_set_cookie(text, now);
    return c ? std::string(c->name) + "|" + std::string(c->value) : "ignored";
}
std::string end_of(std::string_view attributes) {
    const auto c = parse_set_cookie("a=b; " + std::string(attributes), now);
    if (!c) return "ignored";
    if (!c->expires) return "session";
    if (*c->expires == now + days(400)) return "most";
    if (*c->expires <= now) return "past";
    return std::to_string((*c->expires - now).count());
}

TEST(set_cookie, names_and_values) {
    struct row {
        const char *text, *pair;
    };
    for (const auto& [text, pair] :
         {row{"a=b", "a|b"}, row{"a=b;", "a|b"}, row{"a=b; ; ;", "a|b"}, row{"  a  =  b  ; path=/", "a|b"}, row{"a=", "a|"},
          row{"a", "|a"}, row{"=a", "|a"}, row{"a=b=c", "a|b=c"}, row{"==a", "|=a"}, row{"a=\"b c\"", "a|\"b c\""}, row{"a=\"b;c\"", "a|\"b"},
          row{"a=b,c=d", "a|b,c=d"}, row{"a=%3B%0d%0A", "a|%3B%0d%0A"}, row{"a b=c d", "a b|c d"}, row{"\xC3\xA4=\xC3\xB6", "\xC3\xA4|\xC3\xB6"},
          row{"a=b\tc", "a|b\tc"}, row{"", "ignored"}, row{"=", "ignored"}, row{";", "ignored"}, row{" ; path=/", "ignored"}, row{"=; Secure", "ignored"}})
        EXPECT_EQ(pair_of(text), pair) << text;
}

TEST(set_cookie, H_120_a_control_character_anywhere_voids_the_cookie) {
    for (int c = 0; c < 256; ++c) {
        const bool control = (c < 0x20 && c != '\t') || c == 0x7F;
        const std::string at(1, static_cast<char>(c));
        EXPECT_EQ(parse_set_cookie("a=x" + at + "y", now).has_value(), !control) << c;
        EXPECT_EQ(parse_set_cookie("a=b; path=/" + at, now).has_value(), !control) << c;
        EXPECT_EQ(parse_set_cookie("x" + at + "y=b", now).has_value(), !control && c != '\t') << c;
    }
}

TEST(set_cookie, H_121_at_most_4096_bytes_of_name_and_value) {
    const auto taken = [](std::size_t name, std::size_t value, const char* rest) {
        std::string text(name, 'n');
        text += '=';
        text.append(value, 'v').append(rest);
        return parse_set_cookie(text, now).has_value();
    };
    EXPECT_TRUE(taken(1, 4095, ""));
    EXPECT_FALSE(taken(1, 4096, ""));
    EXPECT_FALSE(taken(1, 4096, "; path=/"));
    EXPECT_TRUE(taken(4096, 0, "; path=/"));
    EXPECT_TRUE(taken(1, 1, std::string("; padding=").append(10'000, 'x').c_str())) << "attributes do not count";
}

TEST(set_cookie, H_122_when_it_ends) {
    struct row {
        const char *attributes, *end;
    };
    for (const auto& [attributes, end] :
         {row{"", "session"}, row{"Max-Age=60", "60"}, row{"max-age = 60", "60"}, row{"MAX-AGE=060", "60"}, row{"Max-Age=0", "past"},
          row{"Max-Age=-1", "past"}, row{"Max-Age=-99999999999999999999", "past"}, row{"Max-Age=-", "past"}, row{"Max-Age=100000000000000000000", "most"},
          row{"Max-Age=34560000", "most"}, row{"Max-Age=34560001", "most"}, row{"Max-Age=34559999", "34559999"}, row{"Max-Age=1e3", "session"},
          row{"Max-Age=", "session"}, row{"Max-Age", "session"}, row{"Max-Age=+5", "session"}, row{"Max-Age=5.5", "session"}, row{"Max-Age=\"5\"", "session"},
          row{"Max-Age=--5", "session"}, row{"Expires=Sun, 01 Mar 2026 12:01:00 GMT", "60"}, row{"Expires=Sun, 01-Mar-26 12:01:00 GMT", "60"},
          row{"Expires=Sun, 01 Mar 2026 11:59:59 GMT", "past"}, row{"Expires=Thu, 01 Jan 1970 00:00:00 GMT", "past"}, row{"Expires=1 Jan 1601 0:0:0", "past"},
          row{"Expires=Fri, 31 Dec 9999 23:59:59 GMT", "most"}, row{"Expires=20 Jan 2039 00:00:00", "most"}, row{"Expires=0", "session"},
          row{"Expires=never", "session"}, row{"Expires=", "session"}, row{"Expires=1 Jan 1970 0:0:0; Max-Age=60", "60"},
          row{"Max-Age=60; Expires=1 Jan 1970 0:0:0", "60"}, row{"Max-Age=x; Expires=Sun, 01 Mar 2026 12:01:00 GMT", "60"},
          row{"Max-Age=60; Max-Age=70", "70"}, row{"Max-Age=60; Max-Age=x", "60"}})
        EXPECT_EQ(end_of(attributes), end) << attributes;
}

TEST(set_cookie, attributes) {
    const auto c = parse_set_cookie("a=b;SECURE;httpONLY ; Path = /x ; Domain=.Example.COM; Path=/y; unknown=1", now);
    ASSERT_TRUE(c);
    EXPECT_TRUE(c->secure && c->http_only);
    EXPECT_EQ(c->path, "/y") << "the last one counts";
    EXPECT_EQ(c->domain, "Example.COM");
    const auto plain = parse_set_cookie("Secure=1; path", now);
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->secure) << "that is its name";
    EXPECT_EQ(plain->path, "");
    const std::string text = std::string("a=b; secure=no; httponly=0; domain=a.b; domain=").append(1025, 'x');
    const auto odd = parse_set_cookie(text, now);
    ASSERT_TRUE(odd);
    EXPECT_TRUE(odd->secure && odd->http_only) << "whatever their value";
    EXPECT_EQ(odd->domain, "a.b") << "an attribute over 1024 bytes is ignored";
}

TEST(set_cookie, H_124_same_site_is_read_strictly) {
    struct row {
        const char* text;
        same_site wanted;
    };
    for (const auto& [text, wanted] :
         {row{"", same_site::unset}, row{"; SameSite=None", same_site::none}, row{"; samesite=LAX", same_site::lax}, row{"; SameSite=Strict", same_site::strict},
          row{"; SameSite=NoneX", same_site::unset}, row{"; SameSite=XNone", same_site::unset}, row{"; SameSite", same_site::unset},
          row{"; SameSite=", same_site::unset}, row{"; SameSite=Lax; SameSite=bad", same_site::unset}, row{"; SameSite=\"Lax\"", same_site::unset}})
        EXPECT_EQ(parse_set_cookie("a=b" + std::string(text), now)->same_site, wanted) << text;
}

TEST(set_cookie, lines_of_a_cookie_file) {
    using detail::read_cookie_line;
    const auto c = read_cookie_line(".Example.com\tTRUE\t/p\tFALSE\t1900000000\tn\tv");
    ASSERT_TRUE(c);
    EXPECT_EQ(c->domain, "example.com");
    EXPECT_FALSE(c->host_only);
    EXPECT_EQ(c->path, "/p");
    EXPECT_FALSE(c->secure || c->http_only);
    EXPECT_EQ(c->expires, sys_seconds(1900000000s));
    EXPECT_EQ(c->name + c->value, "nv");
    const auto d = read_cookie_line("#HttpOnly_example.com\tFALSE\t/\tTRUE\t0\tn\ta\tb\r");
    ASSERT_TRUE(d);
    EXPECT_TRUE(d->host_only && d->http_only && d->secure && !d->expires);
    EXPECT_EQ(d->value, "a\tb");
    EXPECT_EQ(read_cookie_line("example.com\tFALSE\t\tFALSE\t0\tn")->value, "");
    EXPECT_EQ(read_cookie_line("example.com\tFALSE\t\tFALSE\t0\tn")->path, "/");
}

TEST(set_cookie, H_123_lines_that_are_no_cookie_are_skipped) {
    using detail::read_cookie_line;
    for (const char* line : {"", "\r", "# comment", "#", "example.com", "example.com\tFALSE\t/\tFALSE\t0", "a b c d e f g", "\tFALSE\t/\tFALSE\t0\tn\tv",
                             ".\tTRUE\t/\tFALSE\t0\tn\tv", "x\tmaybe\t/\tFALSE\t0\tn\tv", "x\tFALSE\t/\t1\t0\tn\tv", "x\tFALSE\t/\tFALSE\t-1\tn\tv",
                             "x\tFALSE\t/\tFALSE\t1e3\tn\tv", "x\tFALSE\t/\tFALSE\t18446744073709551615\tn\tv", "x\tFALSE\t/\tFALSE\t\tn\tv"})
        EXPECT_FALSE(read_cookie_line(line)) << line;
    EXPECT_FALSE(read_cookie_line("x\tFALSE\t/\tFALSE\t0\tn\t" + std::string(1024 * 1024, 'v')));
}

} // namespace
