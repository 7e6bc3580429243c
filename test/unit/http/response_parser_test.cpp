// SPDX-License-Identifier: BSL-1.0
// Response framing against hostile servers; the numbers are those of the security checklist.
#include "http/response_parser.hpp"
#include "parse_driver.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace brio::test;
using namespace std::string_literals;

const std::string ok_line = "HTTP/1.1 200 OK\r\n";

#define EXPECT_REFUSED(input)                                                                                \
    do {                                                                                                     \
        const auto refused_outcome = parse(input);                                                           \
        EXPECT_FALSE(refused_outcome.ok) << testing::PrintToString(input);                                   \
        EXPECT_EQ(refused_outcome.error.find("differs"), std::string::npos) << refused_outcome.error;        \
    } while (false)

TEST(response_parser, plain_response_with_length) {
    const auto o = parse(ok_line + "Server: x\r\nContent-Length: 5\r\n\r\nhello");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.status, 200u);
    EXPECT_EQ(o.headers, "Server: x\r\nContent-Length: 5\r\n");
    EXPECT_EQ(o.body, "hello");
    EXPECT_TRUE(o.keep_alive);
    EXPECT_TRUE(o.reusable);
}

TEST(response_parser, body_bytes_are_views_into_the_input) {
    response_parser p;
    const std::string input = ok_line + "Content-Length: 5\r\n\r\nhello";
    const auto head = p.feed(input);
    ASSERT_EQ(head.event, parse_event::head);
    EXPECT_EQ(head.consumed, input.size() - 5);
    const auto body = p.feed(std::string_view(input).substr(head.consumed));
    EXPECT_EQ(body.event, parse_event::body);
    EXPECT_EQ(body.body.data(), input.data() + head.consumed);
    EXPECT_TRUE(p.done());
}

TEST(response_parser, caller_may_read_a_sized_body_past_the_parser) {
    response_parser p;
    const std::string input = ok_line + "Content-Length: 10\r\n\r\nabc";
    const auto head = p.feed(input);
    p.feed(std::string_view(input).substr(head.consumed));
    EXPECT_EQ(p.body_framing(), framing::length);
    EXPECT_EQ(p.remaining(), 7u);
    p.account_body(4);
    EXPECT_FALSE(p.done());
    p.account_body(3);
    EXPECT_TRUE(p.done());
    EXPECT_TRUE(p.reusable(0));
    EXPECT_EQ(p.received(), 10u);
}

TEST(response_parser, one_parser_serves_many_responses) {
    response_parser p;
    for (int i = 0; i < 3; ++i) {
        auto o = drive(p, ok_line + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
                       whole(), request_kind::normal);
        ASSERT_TRUE(o.ok) << o.error;
        EXPECT_EQ(o.body, "abc");
        EXPECT_EQ(o.trailers, "X: y\r\n");
        o = drive(p, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", pieces_of(1),
                  request_kind::normal);
        ASSERT_TRUE(o.ok) << o.error;
        EXPECT_EQ(o.status, 404u);
        EXPECT_EQ(o.trailers, "");
    }
}

TEST(response_parser, works_again_after_an_error) {
    response_parser p;
    EXPECT_FALSE(drive(p, "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", whole(), request_kind::normal).ok);
    EXPECT_TRUE(drive(p, ok_line + "Content-Length: 1\r\n\r\nx", whole(), request_kind::normal).ok);
}

TEST(response_parser, status_line_variants) {
    for (const char* good : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 \r\n", "HTTP/1.1 200\r\n",
                             "HTTP/1.0 200 OK\r\n", "HTTP/1.1 200 Sehr sch\xc3\xb6n\r\n"}) {
        const auto o = parse(good + "Content-Length: 2\r\n\r\nok"s);
        EXPECT_TRUE(o.ok) << good << o.error;
        EXPECT_EQ(o.body, "ok");
    }
    for (const char* bad :
         {"HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1 099 OK\r\n",
          "HTTP/2.0 200 OK\r\n", "HTTP/1.2 200 OK\r\n", "HTTP/1.9 200 OK\r\n", "HTTP/0.9 200 OK\r\n",
          "http/1.1 200 OK\r\n", "ICY 200 OK\r\n", "\r\nHTTP/1.1 200 OK\r\n", " HTTP/1.1 200 OK\r\n",
          "HTTP/1.1\t200 OK\r\n", "HTTP/1.1 200OK\r\n", "HTTP/1.1 +20 OK\r\n", "HTTP/1.1 200 O\x01K\r\n"})
        EXPECT_REFUSED(bad + "Content-Length: 0\r\n\r\n"s);
    EXPECT_REFUSED("HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n"s);
}

TEST(response_parser, H_031_length_and_transfer_encoding_together) {
    for (const char* head : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                             "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
                             "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n",
                             "transfer-encoding: chunked\r\nX: y\r\ncontent-length: 5\r\n"})
        EXPECT_REFUSED(ok_line + head + "\r\n5\r\nhello\r\n0\r\n\r\n");
}

TEST(response_parser, H_032_content_length_values) {
    for (const char* good :
         {"Content-Length: 5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
          "Content-Length:5\r\n", "Content-Length:  \t5\t \r\n", "Content-Length: 005\r\n"}) {
        const auto o = parse(ok_line + good + "\r\nhello");
        EXPECT_TRUE(o.ok) << good << o.error;
        EXPECT_EQ(o.body, "hello");
    }
    for (const char* bad : {"5, 6",
                            "5, 5, 6",
                            "+5",
                            "-1",
                            "0x5",
                            "5 5",
                            "5,",
                            ",5",
                            "5,,5",
                            "",
                            " ",
                            "18446744073709551616",
                            "1111111111222222222233333333334444444444",
                            "\xef\xbc\x95",
                            "5;5",
                            "\"5\"",
                            "5.0",
                            "5e0",
                            "five",
                            "05x"})
        EXPECT_REFUSED(ok_line + "Content-Length: " + bad + "\r\n\r\nhello");
    EXPECT_REFUSED(ok_line + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!");
    EXPECT_REFUSED(ok_line + "Content-Length: 5\r\nContent-Length: \r\n\r\nhello");
    EXPECT_REFUSED(ok_line + "Content-Length: 5\r\nContent-Length: x\r\n\r\nhello");
}

TEST(response_parser, H_033_transfer_encoding_values) {
    for (const char* good : {"chunked", "Chunked", "CHUNKED", " \tchunked \t"}) {
        const auto o = parse(ok_line + "Transfer-Encoding: " + good + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        EXPECT_TRUE(o.ok) << good << o.error;
        EXPECT_EQ(o.body, "hello");
    }
    for (const char* bad : {"gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "xchunked",
                            "chunkedx", "\"chunked\"", "chunked;q=1", "chunked,", ",chunked", "identity", "",
                            "\x0b"
                            "chunked",
                            "chunked\x0b", "chunked chunked"})
        EXPECT_REFUSED(ok_line + "Transfer-Encoding: " + bad + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    EXPECT_REFUSED(ok_line + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    EXPECT_REFUSED(ok_line + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    EXPECT_REFUSED("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

const std::string chunked_head = ok_line + "Transfer-Encoding: chunked\r\n\r\n";

TEST(response_parser, chunk_sizes) {
    const auto o = parse(chunked_head + "5\r\nhello\r\n00A\r\n0123456789\r\n1;a=b\r\n!\r\n0\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.body, "hello0123456789!");
    for (const char* bad :
         {"-1\r\n", "+1\r\na\r\n0\r\n\r\n", "0x1\r\na\r\n0\r\n\r\n", "g\r\n", "\r\n", " 1\r\na\r\n0\r\n\r\n",
          "1 \r\na\r\n0\r\n\r\n", "10000000000000000\r\n", "1\r\nab\r\n0\r\n\r\n", "1\r\na0\r\n\r\n",
          "1\r\na\n0\r\n\r\n", "1_0\r\n", ";a\r\n"})
        EXPECT_REFUSED(chunked_head + bad + "trailing bytes so that nothing is merely incomplete\r\n\r\n");
}

TEST(response_parser, the_smallest_chunks_do_not_wait_for_more) {
    response_parser p;
    const std::string head = ok_line + "Transfer-Encoding: chunked\r\n\r\n";
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

TEST(response_parser, H_036_chunk_extension_flood) {
    const std::string extension = ";" + std::string(4000, 'x');
    std::string flood = chunked_head;
    for (int i = 0; i < 10; ++i) flood += "1" + extension + "\r\na\r\n";
    EXPECT_REFUSED(flood + "0\r\n\r\n");
    const auto fine = parse(chunked_head + "1;name=\"quoted; \\\" text\"\r\na\r\n0;last\r\n\r\n");
    EXPECT_TRUE(fine.ok) << fine.error;
    // A line that never ends is refused long before 100 MiB, whatever the pieces.
    response_parser p;
    std::string endless = chunked_head + "1;" + std::string(9000, 'x');
    EXPECT_FALSE(drive(p, endless, pieces_of(1000), request_kind::normal).ok);
    p.reset(request_kind::normal);
    const auto head = p.feed(endless);
    EXPECT_THROW(p.feed(std::string_view(endless).substr(head.consumed)), brio::http::protocol_error);
    EXPECT_REFUSED(chunked_head + "1;" + std::string(9000, 'x') + "\r\na\r\n0\r\n\r\n");
    EXPECT_REFUSED(chunked_head + std::string(9000, '0') + "1\r\na\r\n0\r\n\r\n");
}

TEST(response_parser, H_037_bare_line_ends) {
    EXPECT_REFUSED("HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n");
    EXPECT_REFUSED("HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n");
    EXPECT_REFUSED("HTTP/1.1 200\nContent-Length: 0\r\n\r\n");
    EXPECT_REFUSED(ok_line + "A: b\nContent-Length: 0\r\n\r\n");
    EXPECT_REFUSED(ok_line + "A: b\rContent-Length: 0\r\n\r\n");
    EXPECT_REFUSED(ok_line + "Content-Length: 0\r\n\n");
    EXPECT_REFUSED(ok_line + "Content-Length: 0\r\n\r");
    EXPECT_REFUSED(chunked_head + "1\na\r\n0\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "1\ra\r\n0\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "1;a\n\r\na\r\n0\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "1;a=\"\n\"\r\na\r\n0\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "1;a\rb\r\na\r\n0\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "0\r\nA: b\n\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "0\r\nA: b\nC: d\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "0;a=\"\n\"\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "1;a=\"\r\n\"\r\na\r\n0\r\n\r\n");
}

TEST(response_parser, H_039_cut_responses) {
    const std::vector<std::string> cut = {"HTTP",
                                          "HTTP/1.1 200 OK\r\n",
                                          ok_line + "Content-Le",
                                          ok_line + "Content-Length: 5\r\n\r\n",
                                          ok_line + "Content-Length: 5\r\n\r\nhell",
                                          chunked_head,
                                          chunked_head + "5",
                                          chunked_head + "5\r",
                                          chunked_head + "5\r\nhel",
                                          chunked_head + "5\r\nhello",
                                          chunked_head + "5\r\nhello\r\n",
                                          chunked_head + "5\r\nhello\r\n0\r\n",
                                          chunked_head + "5\r\nhello\r\n0\r\n\r",
                                          chunked_head + "0\r\nA: b\r\n"};
    for (const auto& input : cut) EXPECT_REFUSED(input);

    response_parser p;
    try {
        drive(p, "", whole(), request_kind::normal);
        p.feed(cut[4]);
        const auto head = p.got_some();
        EXPECT_TRUE(head);
        p.feed("hell");
        p.feed_eof();
        FAIL();
    } catch (const brio::http::incomplete_body& e) {
        EXPECT_EQ(e.received(), 4u);
        EXPECT_EQ(e.expected(), 5u);
        EXPECT_EQ(e.phase(), brio::http::phase::body);
        EXPECT_NE(std::string(e.what()).find("4 of 5 bytes"), std::string::npos) << e.what();
    }
}

TEST(response_parser, end_of_connection) {
    const auto o = parse("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.body, "until the end");
    EXPECT_FALSE(o.keep_alive);
    EXPECT_FALSE(o.reusable);
    response_parser p;
    EXPECT_THROW(p.feed_eof(), brio::http::connection_lost);
    EXPECT_FALSE(p.got_some());
    p.reset(request_kind::normal);
    p.feed("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_THROW(p.feed_eof(true), brio::http::incomplete_body); // TLS cut without close_notify
    p.reset(request_kind::normal);
    p.feed(ok_line + "Content-Length: 0\r\n\r\n");
    EXPECT_NO_THROW(p.feed_eof(true)); // complete before the cut
}

TEST(response_parser, H_041_folded_lines) {
    const auto o = parse(ok_line + "A: one\r\n  two\r\n\tthree\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.headers, "A: one two three\r\nContent-Length: 0\r\n");
    EXPECT_REFUSED(ok_line + "A: one\r\n " + std::string(5000, 'x') + "\r\nContent-Length: 0\r\n\r\n");
}

TEST(response_parser, H_042_malformed_fields) {
    for (const char* bad : {"A : b", ": b", " A: b", "A b: c", "A", "A\x01: b", "A: b\x01", "A: b\x7f",
                            "A: \x08", "(A): b", "A\xc3\xa4: b", "\tA: b", "A:b\x1f"})
        EXPECT_REFUSED(ok_line + bad + "\r\nContent-Length: 0\r\n\r\n");
    EXPECT_REFUSED(ok_line + "A: b\0c\r\nContent-Length: 0\r\n\r\n"s);
    EXPECT_REFUSED(ok_line + "A\0: b\r\nContent-Length: 0\r\n\r\n"s);
    const auto o = parse(ok_line + "A:\r\nB:\xe4\t \"x\"\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.headers, "A: \r\nB: \xe4\t \"x\"\r\nContent-Length: 0\r\n");
}

TEST(response_parser, H_044_http_0_9) {
    EXPECT_REFUSED("<html>hello</html>");
    EXPECT_REFUSED("hello");
    response_parser p;
    EXPECT_THROW(p.feed("\x15\x03\x01"),
                 brio::http::protocol_error); // a TLS alert: refused at its first byte
}

TEST(response_parser, H_046_header_limits) {
    const auto with_fields = [](int n) {
        std::string head = ok_line;
        for (int i = 0; i < n - 1; ++i) head += "X-" + std::to_string(1000 + i) + ": y\r\n";
        return head + "Content-Length: 0\r\n\r\n";
    };
    EXPECT_TRUE(parse(with_fields(256)).ok);
    EXPECT_REFUSED(with_fields(257));
    EXPECT_REFUSED(with_fields(10'000));
    EXPECT_TRUE(
        parse(ok_line + "A: " + std::string(16 * 1024 - 1, 'x') + "\r\nContent-Length: 0\r\n\r\n").ok);
    EXPECT_REFUSED(ok_line + "A: " + std::string(16 * 1024, 'x') + "\r\nContent-Length: 0\r\n\r\n");
    std::string big = ok_line;
    for (int i = 0; i < 5; ++i) big += "A: " + std::string(15'000, 'x') + "\r\n";
    EXPECT_REFUSED(big + "Content-Length: 0\r\n\r\n");
    EXPECT_REFUSED("HTTP/1.1 200 " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n");

    // A header of 10 MiB is refused when 64 KiB have arrived.
    response_parser p;
    std::string pending = ok_line + "A: ";
    std::size_t fed = 0;
    EXPECT_THROW(
        {
            for (;;) {
                pending.append(1024, 'x');
                fed += 1024;
                pending.erase(0, p.feed(pending).consumed);
            }
        },
        brio::http::protocol_error);
    EXPECT_LE(fed, 66u * 1024);
}

TEST(response_parser, H_047_look_up_scans) {
    std::string head = ok_line;
    for (int i = 0; i < 250; ++i)
        head += std::string(1, static_cast<char>('a' + i % 26)) + "x: " + std::to_string(i) + "\r\n";
    response_parser p;
    p.feed(head + "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(p.headers().get("ZX"), "25");
    EXPECT_EQ(p.headers().get_all("zx").size(), 9u);
}

TEST(response_parser, H_048_responses_without_body) {
    for (const char* line : {"HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 Not Modified\r\n"}) {
        const auto o = parse(line + "Content-Length: 5\r\n\r\n"s);
        ASSERT_TRUE(o.ok) << o.error;
        EXPECT_EQ(o.body, "");
        EXPECT_TRUE(o.reusable);
        EXPECT_FALSE(parse(line + "Content-Length: 5\r\n\r\nhello"s).reusable);
    }
    auto o = parse(ok_line + "Content-Length: 5\r\n\r\n", request_kind::head);
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_TRUE(o.reusable);
    o = parse(ok_line + "Transfer-Encoding: chunked\r\n\r\n", request_kind::head);
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_TRUE(o.reusable);
    o = parse(ok_line + "Content-Length: 5\r\n\r\nhello", request_kind::head);
    EXPECT_EQ(o.body, "");
    EXPECT_EQ(o.surplus, 5u);
    EXPECT_FALSE(o.reusable);
    response_parser p;
    p.reset(request_kind::head);
    p.feed(ok_line + "Content-Length: 12345\r\n\r\n");
    EXPECT_EQ(p.content_length(), 12345u);
}

TEST(response_parser, H_049_interim_responses) {
    const auto many = [](int n) {
        std::string s;
        for (int i = 0; i < n; ++i)
            s += i % 2 != 0 ? "HTTP/1.1 100 Continue\r\n\r\n"
                            : "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        return s + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    };
    for (int n : {1, 2, 10}) {
        const auto o = parse(many(n));
        ASSERT_TRUE(o.ok) << n << o.error;
        EXPECT_EQ(o.interim, static_cast<unsigned>(n));
        EXPECT_EQ(o.headers, "Content-Length: 2\r\n");
        EXPECT_EQ(o.body, "ok");
    }
    EXPECT_REFUSED(many(11));
    // The byte budget covers all of them together.
    std::string big;
    for (int i = 0; i < 6; ++i)
        big += "HTTP/1.1 103 Early Hints\r\nA: " + std::string(12'000, 'x') + "\r\n\r\n";
    EXPECT_REFUSED(big + ok_line + "Content-Length: 0\r\n\r\n");
}

TEST(response_parser, H_050_switching_protocols) {
    const std::string input =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x00"s;
    EXPECT_REFUSED(input);
    const auto o = parse(input, request_kind::upgrade);
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.status, 101u);
    EXPECT_EQ(o.surplus, 2u);
    EXPECT_FALSE(o.keep_alive);
}

TEST(response_parser, H_051_interim_with_body) {
    EXPECT_REFUSED("HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n" + ok_line +
                   "Content-Length: 0\r\n\r\n");
    EXPECT_REFUSED("HTTP/1.1 103 X\r\nContent-Length: 5\r\n\r\nhello" + ok_line +
                   "Content-Length: 0\r\n\r\n");
    EXPECT_REFUSED("HTTP/1.1 100 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + ok_line +
                   "Content-Length: 0\r\n\r\n");
}

TEST(response_parser, H_052_surplus_poisons_the_connection) {
    const auto o = parse(ok_line + "Content-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.body, "hello");
    EXPECT_EQ(o.surplus, 19u);
    EXPECT_TRUE(o.keep_alive);
    EXPECT_FALSE(o.reusable);
    EXPECT_FALSE(parse(chunked_head + "0\r\n\r\nx").reusable);
}

TEST(response_parser, H_058_split_header_values_are_not_resynchronised) {
    const auto o = parse(ok_line + "Content-Length: 6\r\nSet-Cookie: a=b\r\n\r\n<html>\r\nX: y\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.headers, "Content-Length: 6\r\nSet-Cookie: a=b\r\n");
    EXPECT_EQ(o.body, "<html>");
    EXPECT_FALSE(o.reusable);
}

TEST(response_parser, trailers_are_kept_apart_and_filtered) {
    const auto o =
        parse(chunked_head + "1\r\na\r\n0\r\nX-Sum: 42\r\nContent-Length: 7\r\nConnection: close\r\n"
                             "Transfer-Encoding: chunked\r\nSet-Cookie: a=b\r\nx-two: \xe4\r\n\r\n");
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.headers, "Transfer-Encoding: chunked\r\n");
    EXPECT_EQ(o.trailers, "X-Sum: 42\r\nx-two: \xe4\r\n");
    EXPECT_TRUE(o.reusable);
    EXPECT_REFUSED(chunked_head + "0\r\nA b\r\n\r\n");
    EXPECT_REFUSED(chunked_head + "0\r\nA: " + std::string(9000, 'x') + "\r\n\r\n");
    std::string flood = chunked_head + "0\r\n";
    for (int i = 0; i < 33; ++i) flood += "A: b\r\n";
    EXPECT_REFUSED(flood + "\r\n");
}

TEST(response_parser, keep_alive_verdicts) {
    struct row {
        const char* head;
        bool kept;
    };
    for (const auto& [head, kept] :
         {row{"HTTP/1.1 200 OK\r\n", true}, row{"HTTP/1.1 200 OK\r\nConnection: close\r\n", false},
          row{"HTTP/1.1 200 OK\r\nConnection: x, Close\r\n", false},
          row{"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", true},
          row{"HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\n", false},
          row{"HTTP/1.0 200 OK\r\n", false}, row{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", true},
          row{"HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\n", false},
          row{"HTTP/1.1 200 OK\r\nConnection: a\r\nConnection: close\r\n", false}}) {
        const auto o = parse(head + "Content-Length: 0\r\n\r\n"s);
        ASSERT_TRUE(o.ok) << head << o.error;
        EXPECT_EQ(o.keep_alive, kept) << head;
    }
    EXPECT_REFUSED(ok_line + "Connection: \"close\r\nContent-Length: 0\r\n\r\n");
}

TEST(response_parser, connect_answers) {
    auto o = parse(ok_line + "Content-Length: 5\r\n\r\n", request_kind::connect);
    ASSERT_TRUE(o.ok) << o.error;
    EXPECT_EQ(o.body, "");
    EXPECT_FALSE(o.keep_alive);
    o = parse("HTTP/1.1 200 Connection established\r\n\r\nglued", request_kind::connect);
    EXPECT_EQ(o.surplus, 5u);
    o = parse("HTTP/1.1 407 Auth\r\nContent-Length: 5\r\n\r\nhello", request_kind::connect);
    EXPECT_EQ(o.body, "hello");
}

TEST(response_parser, random_mutations_agree_in_all_pieces) {
    std::mt19937 rng(7);
    const std::vector<std::string> seeds = {
        ok_line + "Server: nginx\r\nContent-Type: text/html\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
        chunked_head + "5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"};
    const std::string alphabet = "\r\n :;=\"0123456789aAfFxX,\t\0\x7f\xff"s;
    int accepted = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string input = seeds[rng() % seeds.size()];
        for (auto n = rng() % 3; n > 0; --n) {
            const auto at = rng() % input.size();
            switch (rng() % 3) {
            case 0:
                input[at] = alphabet[rng() % alphabet.size()];
                break;
            case 1:
                input.erase(at, 1);
                break;
            default:
                input.insert(at, 1, alphabet[rng() % alphabet.size()]);
                break;
            }
        }
        const auto o = parse(input);
        ASSERT_EQ(o.error.find("differs"), std::string::npos) << o.error << testing::PrintToString(input);
        accepted += o.ok;
    }
    EXPECT_GT(accepted, 500);
    EXPECT_LT(accepted, 2900);
}

} // namespace
