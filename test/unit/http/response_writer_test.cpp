// SPDX-License-Identifier: BSL-1.0
// Response heads of the server.
#include "http/http_date.hpp"
#include "http/response_writer.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using detail::body_plan;
using detail::framing;
using detail::response_facts;
using detail::response_spec;

std::string write(const response_spec& spec, response_facts* facts = nullptr) {
    std::string out;
    const auto f = detail::write_response_head(out, spec);
    if (facts != nullptr) *facts = f;
    return out;
}

const headers nothing;

TEST(response_writer, plain_answers) {
    const headers mine{{"X", "y"}};
    EXPECT_EQ(write({.status = 200, .fields = mine, .body = body_plan::sized(5), .date = "D", .server = "S"}),
              "HTTP/1.1 200 OK\r\nDate: D\r\nServer: S\r\nX: y\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(write({.status = 404, .reason = "Gone fishing", .fields = nothing}),
              "HTTP/1.1 404 Gone fishing\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(write({.status = 799, .fields = nothing}), "HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n");
}

TEST(response_writer, framing_follows_status_and_request) {
    response_facts f;
    EXPECT_EQ(write({.status = 204, .fields = nothing, .body = body_plan::sized(3)}, &f),
              "HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_FALSE(f.send_body);
    EXPECT_EQ(
        write({.status = 200, .fields = nothing, .body = body_plan::sized(3), .head_request = true}, &f),
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
    EXPECT_FALSE(f.send_body);
    EXPECT_EQ(write({.status = 200, .fields = nothing, .body = body_plan::chunked()}, &f),
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(f.body.kind, framing::chunked);
    EXPECT_EQ(
        write({.status = 200, .fields = nothing, .body = body_plan::chunked(), .request_version = 10}, &f),
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(f.body.kind, framing::until_eof);
    EXPECT_FALSE(f.keep_alive);
    EXPECT_EQ(write({.status = 200, .fields = nothing, .request_version = 10}),
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(write({.status = 200, .fields = nothing, .keep_alive = false}),
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    const headers closing{{"Connection", "close"}};
    write({.status = 200, .fields = closing}, &f);
    EXPECT_FALSE(f.keep_alive);
}

TEST(response_writer, H_140_nothing_can_be_split) {
    EXPECT_THROW(write({.status = 200, .reason = "a\r\nX: y", .fields = nothing}), invalid_request);
    EXPECT_THROW(headers({{"X", "a\r\nY: z"}}), invalid_request);
    EXPECT_THROW(write({.status = 99, .fields = nothing}), invalid_request);
    EXPECT_THROW(write({.status = 1000, .fields = nothing}), invalid_request);
    const headers coded{{"Transfer-Encoding", "chunked"}};
    EXPECT_THROW(write({.status = 200, .fields = coded}), invalid_request);
    const headers wrong{{"Content-Length", "4"}};
    EXPECT_THROW(write({.status = 200, .fields = wrong, .body = body_plan::sized(5)}), invalid_request);
    const headers two{{"Content-Length", "5"}, {"content-length", "5"}};
    EXPECT_THROW(write({.status = 200, .fields = two, .body = body_plan::sized(5)}), invalid_request);
    const headers right{{"content-length", "5"}, {"date", "x"}, {"server", "y"}};
    EXPECT_EQ(
        write({.status = 200, .fields = right, .body = body_plan::sized(5), .date = "D", .server = "S"}),
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ndate: x\r\nserver: y\r\n\r\n");
}

TEST(http_date, writes_and_reads_all_forms) {
    using namespace std::chrono;
    const auto when = sys_days(year(1994) / 11 / 6) + hours(8) + minutes(49) + seconds(37);
    const auto now = sys_days(year(2026) / 11 / 21);
    EXPECT_EQ(detail::format_http_date(when), "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                             "Sun Nov  6 08:49:37 1994", " Sun, 06 Nov 1994 08:49:37 GMT "})
        EXPECT_EQ(detail::parse_http_date(text, now), when) << text;
    EXPECT_EQ(detail::parse_http_date("Monday, 06-Nov-76 08:49:37 GMT", now),
              sys_days(year(2076) / 11 / 6) + hours(8) + minutes(49) + seconds(37));
    EXPECT_EQ(detail::parse_http_date("Monday, 06-Nov-77 08:49:37 GMT", now),
              sys_days(year(1977) / 11 / 6) + hours(8) + minutes(49) + seconds(37));
    for (const char* bad :
         {"", "x", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
          "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
          "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x", "Sun Nov  6 08:49:37 19x4",
          "Sun, 06 anF 1994 08:49:37 GMT"})
        EXPECT_FALSE(detail::parse_http_date(bad, now)) << bad;
    EXPECT_TRUE(detail::parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT", now));
    EXPECT_FALSE(detail::parse_http_date("Fri, 31 Dec 9999 23:59:60 GMT", now)) << "that is the year 10000";
    for (int day = 0; day < 146'097; day += 31) {
        const auto d = sys_days(days(day)) + seconds(day % 86'400);
        EXPECT_EQ(detail::parse_http_date(detail::format_http_date(d), now), d);
    }
}

TEST(http_date, cache_changes_with_the_second) {
    using namespace std::chrono;
    detail::date_cache cache;
    const system_clock::time_point t{seconds(784111777)};
    EXPECT_EQ(cache.at(t), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(cache.at(t + milliseconds(999)), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(cache.at(t + milliseconds(1000)), "Sun, 06 Nov 1994 08:49:38 GMT");
}

} // namespace
