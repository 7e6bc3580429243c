// SPDX-License-Identifier: BSL-1.0
// What a file answers.
#include "http/file_reply.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using namespace brio::http::detail;
using namespace std::chrono_literals;

const date_point now = *parse_http_date("Fri, 27 Nov 2026 10:00:00 GMT", date_point());

found_file sample(std::uint64_t size = 1000) {
    found_file found;
    found.name = "a/page.html";
    found.size = size;
    found.etag = "\"v1\"";
    found.modified = now - std::chrono::hours(1);
    return found;
}

reply make(const headers& request, const file_options& options = file_options(), const found_file& found = sample(), std::string_view method = "GET") {
    return make_file_reply(found, options, method, request, now, "line");
}

const file_body& body_of(const reply& made) { return dynamic_cast<const file_body&>(*server_access::source(made)); }

TEST(file_reply, the_whole_file) {
    const reply made = make({});
    EXPECT_EQ(made.status(), 200u);
    EXPECT_EQ(made.headers().get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(made.headers().get("ETag"), "\"v1\"");
    EXPECT_EQ(made.headers().get("Last-Modified"), "Fri, 27 Nov 2026 09:00:00 GMT");
    EXPECT_EQ(made.headers().get("Accept-Ranges"), "bytes");
    EXPECT_EQ(made.headers().get("X-Content-Type-Options"), "nosniff");
    EXPECT_FALSE(made.headers().contains("Cache-Control"));
    EXPECT_EQ(body_of(made).size(), 1000u);
    found_file small = sample(3);
    small.content = "abc";
    const reply at_once = make({}, file_options(), small);
    EXPECT_EQ(at_once.body(), "abc");
    EXPECT_EQ(server_access::source(at_once), nullptr);
}

TEST(file_reply, options) {
    const reply made = make({}, file_options().max_age(60s).content_type("x/y").download_as("r\xc3\xa9sum\xc3\xa9 \"1\".pdf").precompressed());
    EXPECT_EQ(made.headers().get("Cache-Control"), "max-age=60");
    EXPECT_EQ(made.headers().get("Content-Type"), "x/y");
    EXPECT_EQ(made.headers().get("Vary"), "Accept-Encoding");
    EXPECT_EQ(made.headers().get("Content-Disposition"),
              "attachment; filename=\"r__sum__ _1_.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%221%22.pdf");
    found_file packed = sample();
    packed.is_packed = true;
    const reply zipped = make({}, file_options().precompressed(), packed);
    EXPECT_EQ(zipped.headers().get("Content-Encoding"), "gzip");
    EXPECT_EQ(zipped.headers().get("Content-Type"), "text/html; charset=utf-8");
}

TEST(file_reply, one_range) {
    const reply made = make({{"Range", "bytes=100-199"}});
    EXPECT_EQ(made.status(), 206u);
    EXPECT_EQ(made.headers().get("Content-Range"), "bytes 100-199/1000");
    EXPECT_EQ(made.headers().get("Content-Type"), "text/html; charset=utf-8");
    ASSERT_EQ(body_of(made).parts.size(), 1u);
    EXPECT_EQ(body_of(made).parts[0].range, (byte_range{100, 100}));
    EXPECT_EQ(body_of(made).size(), 100u);
}

TEST(file_reply, several_ranges) {
    const reply made = make({{"Range", "bytes=0-0,-2"}});
    EXPECT_EQ(made.status(), 206u);
    EXPECT_EQ(made.headers().get("Content-Type"), "multipart/byteranges; boundary=line");
    EXPECT_FALSE(made.headers().contains("Content-Range"));
    const file_body& body = body_of(made);
    ASSERT_EQ(body.parts.size(), 2u);
    const std::string type = "Content-Type: text/html; charset=utf-8\r\n";
    EXPECT_EQ(body.parts[0].lead, "--line\r\n" + type + "Content-Range: bytes 0-0/1000\r\n\r\n");
    EXPECT_EQ(body.parts[1].lead, "\r\n--line\r\n" + type + "Content-Range: bytes 998-999/1000\r\n\r\n");
    EXPECT_EQ(body.tail, "\r\n--line--\r\n");
    EXPECT_EQ(body.size(), body.parts[0].lead.size() + body.parts[1].lead.size() + body.tail.size() + 3);
}

TEST(file_reply, ranges_that_do_not_fit) {
    const reply behind = make({{"Range", "bytes=1000-"}});
    EXPECT_EQ(behind.status(), 416u);
    EXPECT_EQ(behind.headers().get("Content-Range"), "bytes */1000");
    EXPECT_EQ(make({{"Range", "bytes=x"}}).status(), 200u);
    EXPECT_EQ(make({{"Range", "bytes=0-1"}, {"If-Range", "\"v0\""}}).status(), 200u) << "another version: all of it";
    EXPECT_EQ(make({{"Range", "bytes=0-1"}, {"If-Range", "\"v1\""}}).status(), 206u);
    EXPECT_EQ(make({{"Range", "bytes=1000-"}, {"If-Range", "\"v0\""}}).status(), 200u);
}

TEST(file_reply, conditional_requests) {
    const reply same = make({{"If-None-Match", "\"v1\""}, {"Range", "bytes=0-1"}}, file_options().max_age(60s));
    EXPECT_EQ(same.status(), 304u);
    EXPECT_EQ(same.headers().get("ETag"), "\"v1\"");
    EXPECT_EQ(same.headers().get("Cache-Control"), "max-age=60");
    EXPECT_FALSE(same.headers().contains("Content-Type"));
    EXPECT_EQ(make({{"If-Modified-Since", "Fri, 27 Nov 2026 09:00:00 GMT"}}).status(), 304u);
    EXPECT_EQ(make({{"If-Match", "\"v0\""}}).status(), 412u);
}

TEST(file_reply, a_range_is_for_get_only) {
    for (const char* range : {"bytes=0-4", "bytes=999999-"}) {
        const reply made = make({{"Range", range}}, file_options(), sample(), "HEAD");
        EXPECT_EQ(made.status(), 200u);
        EXPECT_EQ(body_of(made).size(), 1000u);
        EXPECT_FALSE(made.headers().contains("Content-Range"));
    }
}

}  // namespace
