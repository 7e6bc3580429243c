// SPDX-License-Identifier: BSL-1.0
// Request bodies packed by gzip, and headers that do not leave their origin.
#include "http/deflated.hpp"
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <zlib.h>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string unpacked(const std::string& bytes) {
    z_stream z{};
    inflateInit2(&z, 16 + MAX_WBITS);
    std::string packed = bytes;
    z.next_in = reinterpret_cast<Bytef*>(packed.data());
    z.avail_in = static_cast<uInt>(packed.size());
    std::string out(4 * 1024 * 1024, '\0');
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&z, Z_FINISH);
    out.resize(z.total_out);
    inflateEnd(&z);
    return result == Z_STREAM_END ? out : "broken";
}
std::string behind_head(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }
std::string from_chunks(std::string text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = std::stoul(text, nullptr, 16);
        const std::size_t begin = text.find("\r\n") + 2;
        out += text.substr(begin, size);
        text.erase(0, begin + size + 2);
    }
    return out;
}
// Takes one request in chunks.
script takes_chunks(std::string* got) {
    return [got](peer& client) -> brio::awaitable<> {
        while (!client.pending().ends_with("\r\n0\r\n\r\n")) co_await client.until_received(client.pending().size() + 1);
        *got = client.pending();
        co_await client.send(ok("done"));
    };
}
brio::awaitable<> words(brio::yielder<std::string> yield) {
    co_await yield("some ");
    co_await yield("words");
}

}  // namespace

BRIO_TEST_REAL_TIME(compress, short_bodies_have_a_length) {
    scripted_server server(always(ok("done")));
    http::session s;
    const std::string text(10'000, 'x');
    co_await s.post(server.url(), http::options().text(text).compress());
    const std::string& sent = server.requests().at(0);
    EXPECT_TRUE(contains(sent, "\r\nContent-Encoding: gzip\r\n"));
    EXPECT_TRUE(contains(sent, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_LT(sent.size(), 1000u);
    EXPECT_EQ(unpacked(behind_head(sent)), text);
    co_await s.get(server.url(), http::options().compress());
    EXPECT_FALSE(contains(server.requests().at(1), "Content-Encoding")) << "there is no body";
    co_await error_of<http::invalid_request>(s.post(server.url(), http::options().body("x").compress().header("content-encoding", "br")));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(compress, long_ones_and_generators_go_in_chunks) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += std::to_string(i);
    http::session s;
    for (const bool streamed : {false, true}) {
        std::string got;
        scripted_server server(takes_chunks(&got));
        http::options opts = http::options().body(text).compress();
        if (streamed) opts.body(brio::make_generator<std::string>(words));
        EXPECT_EQ((co_await s.post(server.url(), opts)).body(), "done");
        EXPECT_TRUE(contains(got, "\r\nTransfer-Encoding: chunked\r\n"));
        EXPECT_EQ(unpacked(from_chunks(behind_head(got))) == (streamed ? "some words" : text), true);
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(compress, redirects_send_it_again) {
    std::string text;
    for (int i = 0; i < 30'000; ++i) text += std::to_string(i);
    std::string got;
    scripted_server second(takes_chunks(&got));
    std::string first_got;
    scripted_server first([&](peer& client) -> brio::awaitable<> {
        while (!client.pending().ends_with("\r\n0\r\n\r\n")) co_await client.until_received(client.pending().size() + 1);
        co_await client.send(answer("307 There", "", "Location: " + second.url() + "\r\n"));
    });
    http::session s;
    EXPECT_EQ((co_await s.post(first.url(), http::options().body(text).compress())).body(), "done");
    EXPECT_TRUE(unpacked(from_chunks(behind_head(got))) == text);
    co_await first.stop();
    co_await second.stop();
}

BRIO_TEST_REAL_TIME(sensitive, H_070_such_headers_stay_with_the_origin) {
    scripted_server other(always(ok("")), "127.0.0.2");
    scripted_server server([&](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(answer("302 There", "", "Location: /again\r\n"));
        co_await client.request();
        co_await client.send(answer("302 There", "", "Location: " + other.url() + "\r\n"));
    });
    http::session s(http::session_options().sensitive_header("X-Session-Key", "a").header("X-Plain", "b"));
    co_await s.get(server.url(), http::options().sensitive_header("X-Key", "c"));
    EXPECT_TRUE(contains(server.requests().at(0), "\r\nX-Session-Key: a\r\n"));
    EXPECT_TRUE(contains(server.requests().at(1), "\r\nX-Key: c\r\n"));
    EXPECT_FALSE(contains(other.requests().at(0), "X-Session-Key"));
    EXPECT_FALSE(contains(other.requests().at(0), "X-Key"));
    EXPECT_TRUE(contains(other.requests().at(0), "\r\nX-Plain: b\r\n"));
    co_await server.stop();
    co_await other.stop();
}
