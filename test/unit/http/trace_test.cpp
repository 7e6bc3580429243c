// SPDX-License-Identifier: BSL-1.0
// Observers and timings.
#include "http/error_of.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string line_of(const http::trace_event& e) {
    std::string line = std::to_string(e.call()) + " " + std::string(http::to_string(e.kind()));
    if (e.status() != 0) line += " " + std::to_string(e.status());
    if (!e.text().empty()) line += " " + std::string(e.text());
    return line;
}

}  // namespace

BRIO_TEST(trace, a_call_from_its_begin_to_its_end) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/old") return http::mock_reply(301).header("Location", "/new").delay(1s);
        return http::mock_reply(200, "abcd").delay(2s).pieces(30, 3s);
    });
    std::vector<std::string> lines;
    http::session s(http::session_options().transport(mock).trace([&](const http::trace_event& e) { lines.push_back(line_of(e)); }));
    const http::response r = co_await s.get("http://a.example/old");
    const std::vector<std::string> wanted{"1 begin GET", "1 connected", "1 sent", "1 answered 301", "1 redirect 301 http://a.example/new",
                                          "1 reused", "1 sent", "1 answered 200", "1 end 200"};
    EXPECT_EQ(lines, wanted);
    const http::timings& t = r.timings();
    EXPECT_EQ(t.requests, 2u);
    EXPECT_TRUE(t.reused);
    EXPECT_EQ(t.wait + t.receive, 5s) << "the head comes in two pieces or one";
    EXPECT_EQ(t.total, 6s);
    EXPECT_EQ(t.connect, 0s);
}

BRIO_TEST(trace, H_149_failures_and_retries_without_secrets) {
    int turn = 0;
    http::mock mock([&](const http::mock_request&) {
        if (turn++ == 0) return http::mock_reply(503).header("Retry-After", "7");
        return http::mock_reply::never();
    });
    std::vector<std::string> lines;
    http::session s(http::session_options()
                        .transport(mock)
                        .retry(http::retry_rules())
                        .trace([&](const http::trace_event& e) { lines.push_back(line_of(e) + " " + std::string(e.url())); }));
    co_await error_of<http::timeout>(s.get("http://ada:canary@a.example/", http::options().header("X-Key", "canary")));
    auto running = brio::create_task(s.get("http://a.example/", http::options().auth(http::auth::bearer("canary"))));
    co_await brio::sleep(1s);
    running.cancel();
    co_await brio::gather(brio::return_exceptions, running);
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    EXPECT_TRUE(contains(all, "1 retry 503")) << all;
    EXPECT_TRUE(contains(all, "1 failed no progress")) << all;
    EXPECT_TRUE(contains(all, "2 failed cancelled")) << all;
    EXPECT_FALSE(contains(all, "canary")) << all;
    EXPECT_EQ(s.stats().retried, 1u);
    EXPECT_EQ(s.stats().calls, 2u);
}

BRIO_TEST(trace, a_call_ends_once) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/packed") return http::mock_reply(200, "no gzip").header("Content-Encoding", "gzip");
        return http::mock_reply(404, "no");
    });
    std::vector<std::string> lines;
    http::session s(http::session_options().transport(mock).raise_for_status().trace([&](const http::trace_event& e) {
        if (e.kind() == http::trace_kind::end || e.kind() == http::trace_kind::failed) lines.push_back(std::to_string(e.call()) + " " + std::string(http::to_string(e.kind())));
    }));
    co_await error_of<http::status_error>(s.get("http://a.example/"));
    co_await error_of<http::decode_error>(s.get("http://a.example/packed"));
    co_await error_of<http::status_error>(s.stream("GET", "http://a.example/"));
    const std::vector<std::string> wanted{"1 failed", "2 failed", "3 failed"};
    EXPECT_EQ(lines, wanted);
}

BRIO_TEST_REAL_TIME(trace, the_handshake_of_a_websocket_ends_like_any_call) {
    http::server server;
    server.websocket("/", [](http::websocket ws) -> brio::awaitable<> { co_await ws.close(); });
    server.listen();
    std::vector<std::string> lines;
    {
        http::session s(http::session_options().trace([&](const http::trace_event& e) { lines.push_back(line_of(e)); }));
        auto ws = co_await s.websocket(server.url() + "/");
        co_await ws.close();
    }
    const std::vector<std::string> wanted{"1 begin GET", "1 connected", "1 sent", "1 answered 101", "1 end 101"};
    EXPECT_EQ(lines, wanted);
    co_await server.close();
}
