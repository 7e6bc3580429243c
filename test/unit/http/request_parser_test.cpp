// SPDX-License-Identifier: BSL-1.0
// The server's parser refuses what request smuggling needs.
#include "http/request_parser.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using namespace brio::http;
using namespace std::string_literals;
using detail::parse_event;
using detail::request_parser;

struct outcome {
    bool ok = false;
    unsigned error_status = 0;
    std::string method, target, path, headers, trailers, body, error;
    std::size_t surplus = 0;
    bool keep_alive = false;
};

outcome drive(std::string_view input, std::size_t piece_size, std::uint64_t limit) {
    request_parser p;
    p.reset(limit);
    outcome o;
    std::string pending;
    std::size_t at = 0;
    try {
        while (!p.done()) {
            if (at == input.size()) {
                p.feed_eof();
                return o;
            }
            const auto piece = input.substr(at, piece_size);
            at += piece.size();
            pending += piece;
            for (;;) {
                const auto r = p.feed(pending);
                o.body += r.body;
                pending.erase(0, r.consumed);
                if (r.event == parse_event::need_more || p.done() || pending.empty()) break;
            }
        }
        o.ok = true;
        o.method = p.method();
        o.target = p.target();
        o.path = p.path_and_query();
        o.headers = p.headers().wire();
        o.trailers = p.trailers().wire();
        o.surplus = pending.size() + input.size() - at;
        o.keep_alive = p.keep_alive();
    } catch (const error& e) {
        o.error = e.what();
        o.error_status = p.error_status();
    }
    return o;
}

outcome parse(std::string_view input, std::uint64_t limit = 1 << 20) {
    auto whole = drive(input, std::string::npos, limit);
    for (const std::size_t n : {1u, 5u, 19u}) {
        const auto other = drive(input, n, limit);
        EXPECT_EQ(whole.ok, other.ok) << "pieces of " << n << ": " << other.error << " / " << whole.error;
        if (!whole.ok) continue;
        EXPECT_EQ(whole.headers, other.headers);
        EXPECT_EQ(whole.body, other.body);
        EXPECT_EQ(whole.surplus, other.surplus);
    }
    return whole;
}

TEST(request_parser, plain_request) {
    const auto o = parse("GET /a?b=c HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.method, "GET");
    EXPECT_EQ(o.target, "/a?b=c");
    EXPECT_EQ(o.path, "/a?b=c");
    EXPECT_EQ(o.headers, "Host: h\r\nX: y\r\n");
    EXPECT_TRUE(o.keep_alive);
}

TEST(request_parser, bodies) {
    auto o = parse("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.body, "hello");
    o = parse("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: "
              "b\r\n\r\nnext");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.body, "hello");
    EXPECT_EQ(o.trailers, "A: b\r\n");
    EXPECT_EQ(o.surplus, 4u);
    o = parse("POST / HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.body, "");
}

TEST(request_parser, pipelined_requests_one_after_another) {
    request_parser p;
    std::string_view in = "\r\nGET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
    in.remove_prefix(p.feed(in).consumed);
    EXPECT_EQ(p.target(), "/1");
    p.reset();
    in.remove_prefix(p.feed(in).consumed);
    EXPECT_EQ(p.target(), "/2");
    EXPECT_TRUE(in.empty());
    p.reset();
    EXPECT_NO_THROW(p.feed_eof()); // an orderly end between requests
}

TEST(request_parser, H_138_smuggling_table) {
    const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
    for (const char* bad : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                            "Content-Length: 5, 6\r\n",
                            "Content-Length: +5\r\n",
                            "Content-Length: -1\r\n",
                            "Content-Length: 0x5\r\n",
                            "Content-Length: 5 5\r\n",
                            "Content-Length: 5,\r\n",
                            "Content-Length: \r\n",
                            "Content-Length: 18446744073709551616\r\n",
                            "Content-Length: 5\r\nContent-Length: 6\r\n",
                            "Transfer-Encoding: gzip\r\n",
                            "Transfer-Encoding: chunked, gzip\r\n",
                            "Transfer-Encoding: gzip, chunked\r\n",
                            "Transfer-Encoding: chunked, chunked\r\n",
                            "Transfer-Encoding: xchunked\r\n",
                            "Transfer-Encoding: \"chunked\"\r\n",
                            "Transfer-Encoding: chunked;q=1\r\n",
                            "Transfer-Encoding: \x0b"
                            "chunked\r\n",
                            "Transfer-Encoding: \r\n",
                            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                            "Transfer-Encoding : chunked\r\n",
                            "A: b\nC: d\r\n",
                            "A: b\rC: d\r\n",
                            " A: b\r\n",
                            "A : b\r\n",
                            ": b\r\n",
                            "A: b\x01\r\n",
                            "A: b\r\n folded\r\n",
                            "A:\r\n b\r\n",
                            "A: \r\n \r\n",
                            "A: b\r\n \r\n"}) {
        const auto o = parse(start + bad + "\r\n5\r\nhello\r\n0\r\n\r\n");
        EXPECT_FALSE(o.ok) << bad;
        EXPECT_EQ(o.error_status, 400u) << bad << o.error;
    }
    EXPECT_FALSE(parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").ok);
    EXPECT_TRUE(parse(start + "Content-Length: 5, 5\r\n\r\nhello").ok);
}

TEST(request_parser, H_138_host) {
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nA: b\r\n\r\n").error_status, 400u);
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").error_status, 400u);
    EXPECT_TRUE(parse("GET / HTTP/1.0\r\n\r\n").ok);
    EXPECT_EQ(parse("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n").error_status, 400u);
    for (const char* bad : {"a b", "a/b", "u@a", "a,b", "a?b", "a#b", "a\\b"})
        EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: "s + bad + "\r\n\r\n").error_status, 400u) << bad;
    for (const char* good : {"a", "a:80", "[::1]:80", "", "xn--bcher-kva.example"})
        EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: "s + good + "\r\n\r\n").ok) << good;
}

TEST(request_parser, H_138_target_forms) {
    struct row {
        const char* line;
        const char* path;
    };
    for (const auto& [line, path] :
         {row{"GET /x?y HTTP/1.1", "/x?y"}, row{"GET http://h/x?y HTTP/1.1", "/x?y"},
          row{"GET http://h HTTP/1.1", "/"}, row{"GET http://h?y HTTP/1.1", "/?y"}, row{"OPTIONS http://h?y HTTP/1.1", "/?y"},
          row{"OPTIONS http://h HTTP/1.1", ""}, row{"OPTIONS * HTTP/1.1", ""}, row{"CONNECT h:443 HTTP/1.1", ""},
          row{"PROPFIND // HTTP/1.1", "//"}}) {
        const auto o = parse(line + "\r\nHost: h\r\n\r\n"s);
        EXPECT_TRUE(o.ok) << line << o.error;
        EXPECT_EQ(o.path, path) << line;
    }
    for (const char* bad :
         {"GET * HTTP/1.1", "GET h:443 HTTP/1.1", "CONNECT / HTTP/1.1", "CONNECT h HTTP/1.1",
          "GET x HTTP/1.1", "GET ftp://h/ HTTP/1.1", "GET http:///x HTTP/1.1", "GET http://u@h/ HTTP/1.1",
          "GET /#f HTTP/1.1", "GET /\xe4 HTTP/1.1", "GET / HTTP/1.1 ", "GET  / HTTP/1.1", "GET /a b HTTP/1.1",
          "GET\t/ HTTP/1.1", "G(T / HTTP/1.1", "GET /", "GET / HTTP/1.1\r\nX"}) {
        EXPECT_EQ(parse(bad + "\r\nHost: h\r\n\r\n"s).error_status, 400u) << bad;
    }
    EXPECT_EQ(parse("GET / HTTP/2.0\r\nHost: h\r\n\r\n").error_status, 505u);
    EXPECT_EQ(parse("GET / HTTP/1.2\r\nHost: h\r\n\r\n").error_status, 505u);
}

TEST(request_parser, H_139_body_limit_counts_chunks) {
    EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n01234567890", 10).error_status,
              413u);
    EXPECT_TRUE(parse("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789", 10).ok);
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(parse(head + "6\r\n012345\r\n5\r\n01234\r\n0\r\n\r\n", 10).error_status, 413u);
    EXPECT_TRUE(parse(head + "6\r\n012345\r\n4\r\n0123\r\n0\r\n\r\n", 10).ok);
}

TEST(request_parser, limits_answer_431) {
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 256; ++i) many += "A: b\r\n";
    EXPECT_EQ(parse(many + "\r\n").error_status, 431u);
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(17'000, 'x') + "\r\n\r\n").error_status,
              431u);
    EXPECT_EQ(parse("GET /" + std::string(70'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n").error_status, 431u);
}

TEST(request_parser, the_smallest_chunks_do_not_wait_for_more) {
    request_parser p;
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::string pending = head;
    const auto take = [&] {
        std::string got;
        for (;;) {
            const auto step = p.feed(pending);
            got += step.body;
            pending.erase(0, step.consumed);
            if (step.event == parse_event::need_more || step.event == parse_event::done) return got;
        }
    };
    EXPECT_EQ(take(), "");
    for (const char* word : {"x", "yz", "w"}) {
        pending += std::to_string(std::string(word).size()) + "\r\n" + word + "\r\n";
        EXPECT_EQ(take(), word) << "as soon as it is there";
    }
    pending += "0\r\n\r\n";
    EXPECT_EQ(take(), "");
    EXPECT_TRUE(p.done());
}

TEST(request_parser, expectations) {
    request_parser p;
    p.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n");
    EXPECT_TRUE(p.expects_continue());
    EXPECT_EQ(parse("POST / HTTP/1.1\r\nHost: h\r\nExpect: magic\r\n\r\n").error_status, 417u);
}

TEST(request_parser, cut_requests) {
    for (const char* input : {"G", "GET / HTTP/1.1\r\nHost: h\r\n",
                              "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhell"})
        EXPECT_FALSE(parse(input).ok);
}

} // namespace
