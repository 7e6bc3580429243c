// SPDX-License-Identifier: BSL-1.0
// Request heads: what is written, and what is refused before anything is written.
#include "http/request_writer.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using detail::body_plan;
using detail::framing;
using detail::request_spec;

std::string write(const request_spec& spec) {
    std::string out = "left over";
    detail::write_request_head(out, spec);
    return out;
}

const url target("http://example.com:8080/a?b=c#d");
const headers nothing;

TEST(request_writer, automatic_headers_come_first_in_a_fixed_order) {
    request_spec spec{"GET", target, nothing, body_plan::none()};
    const std::string codings(detail::accepted_codings());
    EXPECT_EQ(write(spec),
              "GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: brio/0.1\r\nAccept: */*\r\n"
              "Accept-Encoding: " +
                  codings + "\r\n\r\n");
    spec.automatic = 0;
    EXPECT_EQ(write(spec), "GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\n\r\n");
    spec.automatic = detail::auto_all & ~detail::automatic_header_bit("USER-AGENT") &
                     ~detail::automatic_header_bit("accept-encoding");
    EXPECT_EQ(write(spec), "GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nAccept: */*\r\n\r\n");
    EXPECT_EQ(detail::automatic_header_bit("Host"), 0u);
}

TEST(request_writer, order_and_spelling_of_the_caller_are_kept) {
    const headers mine{{"x-B", "1"}, {"ACCEPT", "text/html"}, {"x-a", "2"},
                       {"X-b", "3"}, {"user-agent", "me"},    {"accept-encoding", "gzip"}};
    std::string out;
    const auto facts = detail::write_request_head(out, {"GET", target, mine, body_plan::none()});
    EXPECT_EQ(
        out,
        "GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nx-B: 1\r\nACCEPT: text/html\r\nx-a: 2\r\nX-b: 3\r\n"
        "user-agent: me\r\naccept-encoding: gzip\r\n\r\n");
    EXPECT_TRUE(facts.own_coding);
    EXPECT_FALSE(facts.close);
}

TEST(request_writer, own_host_header_goes_first) {
    const headers mine{{"A", "b"}, {"host", "other"}};
    request_spec own{"GET", target, mine, body_plan::none(), 0};
    EXPECT_EQ(write(own), "GET /a?b=c HTTP/1.1\r\nHost: other\r\nA: b\r\n\r\n");
}

TEST(request_writer, bodies_announce_their_length) {
    const auto lengths = [](const char* method, body_plan plan) {
        request_spec spec{method, target, nothing, plan, 0};
        const auto text = write(spec);
        return text.substr(text.find("8080\r\n") + 6);
    };
    EXPECT_EQ(lengths("POST", body_plan::sized(12)), "Content-Length: 12\r\n\r\n");
    EXPECT_EQ(lengths("POST", body_plan::sized(0)), "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(lengths("POST", body_plan::none()), "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(lengths("PATCH", body_plan::none()), "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(lengths("GET", body_plan::none()), "\r\n");
    EXPECT_EQ(lengths("DELETE", body_plan::none()), "\r\n");
    EXPECT_EQ(lengths("GET", body_plan::sized(3)), "Content-Length: 3\r\n\r\n");
    EXPECT_EQ(lengths("PUT", body_plan::chunked()), "Transfer-Encoding: chunked\r\n\r\n");
}

TEST(request_writer, H_001_H_002_methods) {
    for (const char* bad : {"", "GE T", "GET:", "GET / HTTP/1.1\r\nX: y"}) {
        EXPECT_THROW(write({bad, target, nothing, body_plan::none()}), invalid_request) << bad;
    }
}

TEST(request_writer, H_006_user_agent_and_connect_target) {
    request_spec spec{"GET", target, nothing, body_plan::none()};
    spec.user_agent = "a\r\nX: y";
    EXPECT_THROW(write(spec), invalid_request);
    std::string out;
    EXPECT_THROW(detail::write_connect_head(out, "h:1\r\nX: y", nothing), invalid_request);
    EXPECT_THROW(detail::write_connect_head(out, "h:1", nothing, "a\nb"), invalid_request);
    const headers spaced{{"Host", "a b"}};
    EXPECT_THROW(write({"GET", target, spaced, body_plan::none()}), invalid_request);
}

TEST(request_writer, H_007_escapes_stay_escaped) {
    const url u("http://h/a%0d%0aX:%20y?q=%0d%0a");
    EXPECT_EQ(write({"GET", u, nothing, body_plan::none(), 0}),
              "GET /a%0d%0aX:%20y?q=%0d%0a HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST(request_writer, H_008_contradicting_lengths) {
    const auto refused = [](const headers& h, body_plan plan) {
        EXPECT_THROW(write({"POST", target, h, plan}), invalid_request) << h.wire();
    };
    refused({{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, body_plan::chunked());
    refused({{"Content-Length", "5"}, {"content-length", "5"}}, body_plan::sized(5));
    refused({{"Transfer-Encoding", "chunked"}, {"transfer-encoding", "chunked"}}, body_plan::chunked());
    refused({{"Host", "a"}, {"HOST", "b"}}, body_plan::none());
    refused({{"Transfer-Encoding", "chunked"}}, body_plan::sized(5));
}

TEST(request_writer, H_009_length_that_is_not_the_bodys) {
    for (const char* wrong : {"4", "6", "x", "-1", "", "5,5", "99999999999999999999"}) {
        const headers h{{"Content-Length", wrong}};
        EXPECT_THROW(write({"POST", target, h, body_plan::sized(5)}), invalid_request) << wrong;
    }
    const headers right{{"content-length", "5"}};
    EXPECT_EQ(write({"POST", target, right, body_plan::sized(5), 0}),
              "POST /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\ncontent-length: 5\r\n\r\n");
    std::string out;
    const auto facts = detail::write_request_head(out, {"POST", target, right, body_plan::chunked()});
    EXPECT_EQ(facts.body.kind, framing::length);
    EXPECT_EQ(facts.body.length, 5u);

    detail::body_framer framer(facts.body);
    EXPECT_TRUE(framer.before(3, out));
    EXPECT_THROW(framer.finish(out), invalid_request);
    EXPECT_THROW(framer.before(3, out), invalid_request);
    EXPECT_EQ(framer.sent(), 3u);
    EXPECT_TRUE(framer.before(2, out));
    EXPECT_NO_THROW(framer.finish(out));
}

TEST(request_writer, H_010_other_transfer_codings) {
    for (const char* bad : {"gzip", "gzip, chunked", "identity", ""}) {
        const headers h{{"Transfer-Encoding", bad}};
        EXPECT_THROW(write({"POST", target, h, body_plan::chunked()}), invalid_request) << bad;
    }
    const headers fine{{"Transfer-Encoding", "Chunked"}};
    EXPECT_NO_THROW(write({"POST", target, fine, body_plan::chunked()}));
}

TEST(request_writer, H_015_empty_pieces_are_skipped) {
    detail::body_framer framer(body_plan::chunked());
    std::string out;
    for (const std::string piece : {"hello", "", "0123456789abcdef", ""}) {
        if (!framer.before(piece.size(), out)) continue;
        out += piece;
        framer.after(out);
    }
    framer.finish(out);
    EXPECT_EQ(out, "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
    detail::body_framer none(body_plan::none());
    EXPECT_THROW(none.before(1, out), invalid_request);
}

TEST(request_writer, H_027_H_073_no_fragment_and_no_userinfo_on_the_wire) {
    const url secret("http://user:canary@h/p#fragment");
    request_spec spec{"GET", secret, nothing, body_plan::none()};
    for (const bool absolute : {false, true}) {
        spec.absolute_form = absolute;
        const auto text = write(spec);
        EXPECT_EQ(text.find("canary"), std::string::npos);
        EXPECT_EQ(text.find("fragment"), std::string::npos);
    }
    EXPECT_EQ(write(spec).substr(0, 21), "GET http://h/p HTTP/1");
}

TEST(request_writer, connect_and_close) {
    std::string out;
    const headers proxy{{"Proxy-Authorization", "Basic x"}};
    detail::write_connect_head(out, "[::1]:443", proxy);
    EXPECT_EQ(out, "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nUser-Agent: "
                   "brio/0.1\r\nProxy-Authorization: Basic x\r\n\r\n");
    const headers closing{{"Connection", "x, close"}};
    EXPECT_TRUE(detail::write_request_head(out, {"GET", target, closing, body_plan::none()}).close);
}

TEST(request_writer, session_lines_follow_the_callers) {
    const headers mine{{"A", "b"}};
    request_spec spec{"GET", target, mine, body_plan::none(), 0};
    spec.session_lines = "Cookie: x=y\r\n";
    EXPECT_EQ(write(spec), "GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nA: b\r\nCookie: x=y\r\n\r\n");
}

} // namespace
