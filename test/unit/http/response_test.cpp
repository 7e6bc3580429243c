// SPDX-License-Identifier: BSL-1.0
// Whole responses: framing of the body, decoding, text, JSON, status.
#include "http/deflated.hpp"
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"
#include "encoded_samples.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/json/value.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

// The response that a server gives with these bytes.
brio::awaitable<http::response> fetch(std::string bytes, std::string method = "GET") {
    scripted_server server(once(std::move(bytes)));
    http::session s;
    http::response r = co_await s.request(std::move(method), server.url());
    co_await server.stop();
    co_return r;
}

}  // namespace

BRIO_TEST_REAL_TIME(response, status_reason_headers_and_body) {
    const http::response r = co_await fetch("HTTP/1.1 201 All Is Well\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_EQ(r.status(), 201u);
    EXPECT_EQ(r.reason(), "All Is Well");
    EXPECT_TRUE(r.ok());
    EXPECT_EQ(r.header("x-A"), "1");
    EXPECT_EQ(r.headers().count("X-a"), 2u);
    EXPECT_EQ(r.header("None"), std::nullopt);
    EXPECT_EQ(r.body(), "hello");
    EXPECT_TRUE(r.history().empty());
    const http::response copy = r;
    EXPECT_EQ(copy.body().data(), r.body().data()) << "copies share the bytes";
}

BRIO_TEST_REAL_TIME(response, bodies_by_length_by_chunks_and_by_end_of_stream) {
    const http::response none = co_await fetch("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(none.body(), "");
    const http::response chunks = co_await fetch(chunked_head + "\r\n3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nX-Sum: 13\r\nContent-Length: 1\r\n\r\n");
    EXPECT_EQ(chunks.body(), "abc0123456789");
    EXPECT_EQ(chunks.trailers().get("x-sum"), "13");
    EXPECT_FALSE(chunks.trailers().contains("Content-Length"));
    EXPECT_FALSE(chunks.headers().contains("X-Sum"));
    const http::response to_end = co_await fetch("HTTP/1.0 200 OK\r\n\r\nuntil the end");
    EXPECT_EQ(to_end.body(), "until the end");
}

BRIO_TEST_REAL_TIME(response, a_large_body_of_every_framing) {
    std::string big(1'500'001, 'b');
    for (std::size_t i = 0; i < big.size(); i += 97) big[i] = static_cast<char>('a' + i % 26);
    std::string chunks = chunked_head + "\r\n";
    for (std::size_t at = 0; at < big.size(); at += 50'000) {
        const std::string part = big.substr(at, 50'000);
        char size[24];
        std::snprintf(size, sizeof size, "%zx\r\n", part.size());
        chunks += size + part + "\r\n";
    }
    chunks += "0\r\n\r\n";
    const http::response sized = co_await fetch(ok(big));
    const http::response chunked = co_await fetch(chunks);
    const http::response to_end = co_await fetch("HTTP/1.1 200 OK\r\n\r\n" + big);
    EXPECT_TRUE(sized.body() == big);
    EXPECT_TRUE(chunked.body() == big);
    EXPECT_TRUE(to_end.body() == big);
}

BRIO_TEST_REAL_TIME(response, arriving_byte_by_byte_it_is_the_same) {
    const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\n" + chunked_head + "X-A: b\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\nX-T: u\r\n\r\n";
    scripted_server server([&bytes](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send_in_pieces(bytes);
    });
    http::session s;
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "abcd");
    EXPECT_EQ(r.header("X-A"), "b");
    EXPECT_EQ(r.trailers().get("X-T"), "u");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(response, H_048_answers_without_a_body_leave_the_connection_usable) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        for (const char* bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
                                  "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}) {
            co_await client.request();
            co_await client.send(bytes);
        }
        co_await client.until_closed();
    });
    http::session s;
    const http::response head = co_await s.head(server.url());
    EXPECT_EQ(head.body(), "");
    EXPECT_EQ(head.header("Content-Length"), "1000");
    const http::response no_content = co_await s.get(server.url());
    EXPECT_EQ(no_content.status(), 204u);
    const http::response not_modified = co_await s.get(server.url());
    EXPECT_EQ(not_modified.status(), 304u);
    const http::response chunked_to_head = co_await s.head(server.url());
    EXPECT_EQ(chunked_to_head.body(), "");
    const http::response last = co_await s.get(server.url());
    EXPECT_EQ(last.body(), "ok");
    EXPECT_EQ(server.connections(), 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(response, H_048_bytes_behind_an_answer_without_a_body_poison_the_connection) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        if (client.index == 0) {
            co_await client.send("HTTP/1.1 204 No Content\r\nContent-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
            co_await client.until_closed();
        } else {
            co_await client.send(ok("good"));
            co_await client.until_closed();
        }
    });
    http::session s;
    const http::response first = co_await s.get(server.url());
    EXPECT_EQ(first.status(), 204u);
    EXPECT_EQ(s.stats().open, 0u);
    const http::response second = co_await s.get(server.url());
    EXPECT_EQ(second.body(), "good");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(response, every_coding_is_undone) {
    const http::response gzip = co_await fetch(ok(gzip_of("some text"), "Content-Encoding: gzip\r\n"));
    EXPECT_EQ(gzip.body(), "some text");
    EXPECT_EQ(gzip.header("Content-Encoding"), "gzip") << "headers stay as they came";
    const http::response deflate = co_await fetch(ok(deflate_of("some text"), "Content-Encoding: deflate\r\n"));
    EXPECT_EQ(deflate.body(), "some text");
    const http::response raw = co_await fetch(ok(raw_deflate_of("some text"), "Content-Encoding: deflate\r\n"));
    EXPECT_EQ(raw.body(), "some text") << "H_065";
    const http::response twice = co_await fetch(ok(gzip_of(deflate_of("some text")), "Content-Encoding: deflate, gzip\r\n"));
    EXPECT_EQ(twice.body(), "some text");
}

BRIO_TEST_REAL_TIME(response, brotli_and_zstd_are_undone_when_they_are_offered) {
    const std::string br = ok(brio::test::from_hex(brio::test::brotli_hello), "Content-Encoding: br\r\n");
    const std::string zstd = ok(brio::test::from_hex(brio::test::zstd_hello), "Content-Encoding: zstd\r\n");
    scripted_server server(paths({{"/br", br}, {"/zstd", zstd}}));
    http::session s;
    for (const char* path : {"/br", "/zstd"}) {
        const http::response r = co_await s.get(server.url(path));
        const std::string& sent = server.requests().back();
        const std::string_view offered = std::string_view(sent).substr(sent.find("Accept-Encoding:"));
        if (contains(offered, &path[1])) {
            EXPECT_EQ(r.body(), "hello hello hello hello\n") << path;
        } else {
            EXPECT_NE(r.body(), "hello hello hello hello\n") << path;
        }
    }
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(response, an_unknown_coding_is_handed_out_as_it_came_and_three_are_an_error) {
    const http::response r = co_await fetch(ok("\x01\x02", "Content-Encoding: snappy\r\n"));
    EXPECT_EQ(r.body(), "\x01\x02");
    const auto e = co_await error_of<http::decode_error>(fetch(ok("x", "Content-Encoding: gzip, gzip, gzip\r\n")));
    EXPECT_EQ(e.phase(), http::phase::decode);
    co_await error_of<http::decode_error>(fetch(ok("this is not gzip", "Content-Encoding: gzip\r\n")));
    co_await error_of<http::decode_error>(fetch(ok(gzip_of("cut short here").substr(0, 15), "Content-Encoding: gzip\r\n")));
}

BRIO_TEST_REAL_TIME(response, H_066_a_coding_without_a_body_is_fine) {
    const std::string gzip = "Content-Encoding: gzip\r\n";
    const http::response empty = co_await fetch(ok("", gzip));
    EXPECT_EQ(empty.body(), "");
    const http::response no_content = co_await fetch("HTTP/1.1 204 No Content\r\n" + gzip + "\r\n");
    EXPECT_EQ(no_content.status(), 204u);
    const http::response head = co_await fetch("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n" + gzip + "\r\n", "HEAD");
    EXPECT_EQ(head.body(), "");
    const http::response chunks = co_await fetch(chunked_head + gzip + "\r\n0\r\n\r\n");
    EXPECT_EQ(chunks.body(), "");
}

BRIO_TEST_REAL_TIME(response, H_059_a_bomb_is_stopped_at_the_limit) {
    scripted_server server(always(ok(gzip_of(std::string(20'000'000, '\0')), "Content-Encoding: gzip\r\n")));
    http::session s(http::session_options().max_body(1'000'000));
    const auto e = co_await error_of<http::body_too_large>(s.get(server.url()));
    EXPECT_EQ(e.limit(), 1'000'000u);
    EXPECT_TRUE(contains(text_of(e), "max_body")) << e.what();
    EXPECT_EQ(e.url(), server.url());
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(response, a_body_over_the_limit_is_refused_whatever_its_framing) {
    scripted_server server(paths({{"/sized", ok(std::string(101, 'x'))},
                                  {"/fits", ok(std::string(100, 'x'))},
                                  {"/chunks", chunked_head + "\r\n64\r\n" + std::string(100, 'y') + "\r\n1\r\nz\r\n0\r\n\r\n"},
                                  {"/lie", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx"}}));
    http::session s(http::session_options().max_body(100));
    for (const char* path : {"/sized", "/chunks", "/lie"}) {
        const auto e = co_await error_of<http::body_too_large>(s.get(server.url(path)));
        EXPECT_EQ(e.limit(), 100u) << path;
    }
    const http::response fits = co_await s.get(server.url("/fits"));
    EXPECT_EQ(fits.body().size(), 100u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(response, text_follows_the_charset) {
    const auto typed = [](const std::string& type, std::string body) { return ok(body, "Content-Type: " + type + "\r\n"); };
    const std::string latin_type = typed("text/plain; charset=ISO-8859-1", "gr\xfc\xdf");
    const http::response latin = co_await fetch(latin_type);
    EXPECT_EQ(latin.text(), "grüß");
    EXPECT_EQ(latin.body(), "gr\xfc\xdf");
    const std::string quoted_type = typed("text/html; x=y; Charset=\"utf-8\"", "ü");
    const http::response quoted = co_await fetch(quoted_type);
    EXPECT_EQ(quoted.text(), "ü");
    const http::response broken = co_await fetch(ok("a\xff" "b"));
    EXPECT_EQ(broken.text(), "a\xef\xbf\xbd" "b");
    const std::string wide_type = typed("text/plain; charset=utf-16", std::string("\xff\xfe\x41\0", 4));
    const http::response wide = co_await fetch(wide_type);
    EXPECT_EQ(wide.text(), "A");
    const std::string strange_type = typed("text/plain; charset=ebcdic-cp-us", "x");
    const http::response strange = co_await fetch(strange_type);
    EXPECT_THROW(static_cast<void>(strange.text()), http::decode_error);
}

BRIO_TEST_REAL_TIME(response, text_of_other_charsets_is_for_the_caller) {
    const auto typed = [](const std::string& type, std::string body) { return ok(body, "Content-Type: " + type + "\r\n"); };
    const http::charset_decoder koi8 = [](std::string_view label, std::string_view bytes) -> std::optional<std::string> {
        if (label != "koi8-r") return std::nullopt;
        return bytes == "\xc1" ? "\xd0\xb0" : "?";
    };
    const std::string known_type = typed("text/plain; charset=koi8-r", "\xc1");
    const http::response known = co_await fetch(known_type);
    EXPECT_EQ(known.text(koi8), "\xd0\xb0");
    const std::string built_in_type = typed("text/plain; charset=latin1", "\xfc");
    const http::response built_in = co_await fetch(built_in_type);
    EXPECT_EQ(built_in.text(koi8), "\xc3\xbc") << "what is built in is not asked for";
    const std::string strange_type = typed("text/plain; charset=ebcdic-cp-us", "x");
    const http::response strange = co_await fetch(strange_type);
    EXPECT_THROW((void)strange.text(koi8), http::decode_error);
    EXPECT_THROW((void)strange.text(http::charset_decoder()), http::decode_error);
}

BRIO_TEST_REAL_TIME(response, H_150_json_is_parsed_whatever_its_type_and_errors_carry_the_offset) {
    const http::response good = co_await fetch(ok(" {\"a\": [1, 2.5, null]} \r\n", "Content-Type: text/html\r\n"));
    EXPECT_EQ(good.json().at("a").as_array().size(), 3u);
    const std::vector<std::pair<std::string, std::string>> bad{{"{\"a\": oops}", "offset 6"}, {"{\"a\": 1} x", "offset 9"}, {"", "offset 0"}, {"[1, 2", "offset 5"}};
    for (const auto& [body, where] : bad) {
        const http::response r = co_await fetch(ok(body));
        try {
            (void)r.json();
            ADD_FAILURE() << body;
        } catch (const http::decode_error& e) {
            EXPECT_TRUE(contains(e.what(), where)) << body << ": " << e.what();
            EXPECT_TRUE(contains(e.what(), "http://127.0.0.1")) << e.what();
        }
    }
    const http::response deep = co_await fetch(ok(std::string(65, '[') + std::string(65, ']')));
    EXPECT_THROW((void)deep.json(), http::decode_error);
    const http::response flat = co_await fetch(ok(std::string(64, '[') + std::string(64, ']')));
    EXPECT_NO_THROW((void)flat.json());
    const http::response endless = co_await fetch(ok(std::string(10 * 1024 * 1024, '[')));
    EXPECT_THROW((void)endless.json(), http::decode_error);
}

BRIO_TEST_REAL_TIME(response, an_error_status_raises_when_asked) {
    const std::string page(10'000, 'p');
    scripted_server server(paths({{"/no", answer("503 Busy", page)}, {"/yes", ok("fine")}, {"/moved", answer("304 Same", "")}}));
    http::session s;
    const http::response r = co_await s.get(server.url("/no"));
    EXPECT_FALSE(r.ok());
    EXPECT_THROW(r.raise_for_status(), http::status_error);
    const auto e = co_await error_of<http::status_error>(s.get(server.url("/no"), http::options().raise_for_status()));
    EXPECT_EQ(e.status(), 503u);
    EXPECT_EQ(e.body(), page.substr(0, 4096));
    EXPECT_EQ(e.url(), server.url("/no"));
    EXPECT_EQ(e.phase(), http::phase::status);
    const http::response fine = co_await s.get(server.url("/yes"), http::options().raise_for_status());
    EXPECT_EQ(fine.raise_for_status().body(), "fine");
    co_await s.get(server.url("/moved"), http::options().raise_for_status());
    EXPECT_EQ(server.connections(), 1u) << "an error status does not cost the connection";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(response, outlives_its_session) {
    std::optional<http::response> kept;
    scripted_server server(always(ok("kept", "X-A: b\r\n")));
    {
        http::session s;
        kept.emplace(co_await s.get(server.url()));
        co_await s.close();
    }
    EXPECT_EQ(kept->body(), "kept");
    EXPECT_EQ(kept->header("X-A"), "b");
    co_await server.stop();
}

// Part of something packed: nobody can unpack it, and whoever asked for it knows what to do with it.
BRIO_TEST_REAL_TIME(response, H_066_parts_are_handed_out_as_they_came) {
    const std::string part = "HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\nContent-Range: bytes 10-19/100\r\nContent-Length: 10\r\n\r\n0123456789";
    scripted_server server(always(part));
    http::session s;
    http::options opts;
    opts.header("Range", "bytes=10-19");
    const http::response whole = co_await s.get(server.url(), opts);
    EXPECT_EQ(whole.body(), "0123456789");
    http::streaming_response pieces = co_await s.stream("GET", server.url(), opts);
    EXPECT_EQ(co_await pieces.read(), "0123456789");
    for (const std::string& request : server.requests()) EXPECT_FALSE(contains(request, "Accept-Encoding")) << request;
    co_await server.stop();
}
