// SPDX-License-Identifier: BSL-1.0
// WebSockets of a server, spoken to by sessions and by raw bytes.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/read.hpp>

namespace {

using namespace http_test;
using brio::awaitable;
namespace http = brio::http;

awaitable<> echo(http::websocket ws) {
    while (auto message = co_await ws.next()) co_await ws.send(std::move(*message));
}

std::string handshake(const std::string& more = {}, const std::string& path = "/ws") {
    return "GET " + path + " HTTP/1.1\r\nHost: here.test:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + more + "\r\n";
}

// Sends these bytes and gives what the server says until it closes; after `stop` of it, the connection is left.
awaitable<std::string> talk(const http::server& server, std::string bytes, std::string stop = "\r\n\r\n") {
    brio::stream raw = co_await brio::open_connection("127.0.0.1", server.port());
    co_await raw.write(bytes);
    std::string all;
    while (!contains(all, stop)) {
        const std::string piece = co_await raw.read(4096);
        if (piece.empty()) break;
        all += piece;
    }
    co_return all;
}

std::string status(const std::string& answer) { return answer.substr(9, 3); }

} // namespace

BRIO_TEST_REAL_TIME(server_websocket, echoes) {
    http::server server;
    server.websocket("/ws/{room}", [](http::websocket ws, http::server_request request) -> awaitable<> {
        co_await ws.send(request.param("room") + " " + ws.protocol());
        co_await echo(std::move(ws));
    }, http::websocket_options().protocol("v2").protocol("v1"));
    server.listen();
    http::session s(http::session_options().base_url(server.url() + "/"));
    http::websocket ws = co_await s.websocket("ws/lobby", http::websocket_options().protocol("v1").protocol("v2"));
    EXPECT_TRUE(ws.is_compressed());
    EXPECT_EQ(ws.protocol(), "v2") << "the server's choice";
    EXPECT_EQ((co_await ws.receive()).data, "lobby v2");
    for (const std::size_t size : {0U, 10U, 1'000'000U}) {
        auto sending = brio::create_task(ws.send_binary(std::string(size, '\x80')));
        const http::websocket_message got = co_await ws.receive();
        EXPECT_EQ(got.data, std::string(size, '\x80'));
        EXPECT_FALSE(got.is_text());
        co_await sending.join();
    }
    co_await ws.close(4000, "done");
    EXPECT_EQ(ws.close_code(), 4000u);
    const bool gone = co_await eventually([&] { return server.connections() == 0; });
    EXPECT_TRUE(gone);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_websocket, many_at_once) {
    http::server server;
    server.websocket("/", echo);
    server.listen();
    http::session s;
    std::vector<brio::task<>> all;
    for (int i = 0; i < 200; ++i) {
        all.push_back(brio::create_task([](http::session& of, std::string url, int n) -> awaitable<> {
            http::websocket ws = co_await of.websocket(std::move(url));
            for (int k = 0; k < 20; ++k) {
                co_await ws.send(std::to_string(n * 1000 + k));
                EXPECT_EQ((co_await ws.receive()).data, std::to_string(n * 1000 + k));
            }
            co_await ws.close();
        }, std::ref(s), server.url(), i));
    }
    co_await brio::gather(std::move(all));
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_websocket, H_126_refuses_what_is_no_handshake) {
    http::server server;
    server.websocket("/ws", echo);
    server.listen();
    EXPECT_EQ(status(co_await talk(server, handshake())), "101");
    const std::string agreed = co_await talk(server, handshake());
    EXPECT_TRUE(contains(agreed, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) << agreed;
    EXPECT_FALSE(contains(agreed, "Content-Length"));
    const std::string plain = co_await talk(server, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status(plain), "426");
    EXPECT_TRUE(contains(plain, "Sec-WebSocket-Version: 13\r\n"));
    EXPECT_EQ(status(co_await talk(server, handshake("Sec-WebSocket-Version: 8\r\n"))), "426");
    EXPECT_EQ(status(co_await talk(server, handshake("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))), "400");
    std::string post = handshake();
    EXPECT_EQ(status(co_await talk(server, post.replace(0, 3, "POST"))), "405");
    std::string old = handshake();
    EXPECT_EQ(status(co_await talk(server, old.replace(old.find("1.1"), 3, "1.0"))), "400");
    EXPECT_EQ(status(co_await talk(server, handshake("", "/other"))), "404");
    EXPECT_THROW(server.websocket("/bad", echo, http::websocket_options().protocol("no token")), http::invalid_request);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_websocket, lets_in_pages_of_its_own_and_of_those_it_knows) {
    http::server server;
    server.websocket("/ws", echo, http::websocket_options().allow_origin("https://app.example"));
    server.websocket("/open", echo, http::websocket_options().allow_any_origin());
    server.listen();
    for (const char* good : {"http://here.test:8080", "https://HERE.test:8080", "https://app.example"}) {
        EXPECT_EQ(status(co_await talk(server, handshake(std::string("Origin: ") + good + "\r\n"))), "101") << good;
    }
    for (const char* bad : {"http://here.test", "https://evil.example", "http://app.example", "https://app.example.evil", "null", "", "here.test:8080"}) {
        EXPECT_EQ(status(co_await talk(server, handshake(std::string("Origin: ") + bad + "\r\n"))), "403") << bad;
        EXPECT_EQ(status(co_await talk(server, handshake(std::string("Origin: ") + bad + "\r\n", "/open"))), "101") << bad;
    }
    EXPECT_EQ(status(co_await talk(server, handshake("Origin: https://app.example\r\nOrigin: https://app.example\r\n"))), "403");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_websocket, frames_that_come_with_the_handshake_are_not_lost) {
    http::server server;
    server.websocket("/ws", echo);
    server.listen();
    const std::string hello("\x81\x85\0\0\0\0hello", 11);
    const std::string all = co_await talk(server, handshake() + hello, "\x81\x05hello");
    EXPECT_TRUE(contains(all, "\x81\x05hello"));
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_websocket, ends_as_its_handler_does) {
    http::server server;
    server.websocket("/returns", [](http::websocket ws) -> awaitable<> { co_await ws.send("bye"); });
    server.websocket("/throws", [](http::websocket ws) -> awaitable<> {
        co_await ws.send("bye");
        throw std::runtime_error("inside secret");
    });
    server.websocket("/closes", [](http::websocket ws) -> awaitable<> {
        co_await ws.send("bye");
        co_await ws.close(4444, "own");
    });
    std::optional<http::websocket> kept;
    server.websocket("/keeps", [&kept](http::websocket ws) -> awaitable<> {
        co_await ws.send("bye");
        kept.emplace(std::move(ws));
    });
    server.listen();
    http::session s;
    for (const auto& [path, code] : std::vector<std::pair<std::string, unsigned>>{{"/returns", 1000U}, {"/throws", 1011U}, {"/closes", 4444U}, {"/keeps", 1000U}}) {
        http::websocket ws = co_await s.websocket(server.url() + path);
        EXPECT_EQ((co_await ws.receive()).data, "bye");
        EXPECT_FALSE((co_await ws.next()).has_value());
        EXPECT_EQ(ws.close_code(), code) << path;
        EXPECT_FALSE(contains(ws.close_reason(), "secret"));
        if (code == 4444U) {
            EXPECT_EQ(ws.close_reason(), "own");
        }
    }
    const bool gone = co_await eventually([&] { return server.connections() == 0; });
    EXPECT_TRUE(gone);
    EXPECT_FALSE(kept->is_open());
    co_await error_of<http::websocket_closed>(kept->send("too late"));
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_websocket, a_client_that_goes_ends_the_handler) {
    http::server server;
    std::vector<std::string> ends;
    server.websocket("/", [&ends](http::websocket ws) -> awaitable<> {
        std::exception_ptr end;
        try {
            for (;;) co_await ws.receive();
        } catch (const http::websocket_closed& e) {
            ends.push_back("closed " + std::to_string(e.code().value_or(0)));
            end = std::current_exception();
        } catch (const http::connection_lost&) {
            ends.push_back("lost");
            end = std::current_exception();
        }
        std::rethrow_exception(end);  // no news: nothing is logged
    });
    server.listen();
    http::session s;
    http::websocket ws = co_await s.websocket(server.url());
    co_await ws.send("x");
    co_await ws.close(4001);
    ws = co_await s.websocket(server.url());
    ws = http::websocket();
    co_await eventually([&] { return ends.size() == 2; });
    std::string request = handshake("", "/");
    co_await talk(server, request);
    const bool gone = co_await eventually([&] { return ends.size() == 3 && server.connections() == 0; });
    EXPECT_TRUE(gone);
    EXPECT_EQ(ends, (std::vector<std::string>{"closed 4001", "closed 1001", "lost"}));
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_websocket, closing_the_server_says_going_away) {
    http::server server;
    server.websocket("/", echo);
    server.listen();
    http::session s;
    http::websocket ws = co_await s.websocket(server.url());
    co_await ws.send("x");
    EXPECT_EQ((co_await ws.receive()).data, "x");
    co_await server.close();
    EXPECT_EQ(server.connections(), 0u);
    EXPECT_FALSE((co_await ws.next()).has_value());
    EXPECT_EQ(ws.close_code(), 1001u);
}

BRIO_TEST_REAL_TIME(server_websocket, a_server_that_leaves_gently_waits_for_the_answers) {
    http::server server;
    bool ended = false;
    server.websocket("/", [&ended](http::websocket ws) -> awaitable<> {
        co_await echo(std::move(ws));
        ended = true;
    });
    server.listen();
    http::session s;
    http::websocket ws = co_await s.websocket(server.url());
    co_await ws.ping();
    auto receiving = brio::create_task(ws.next());
    const stopwatch watch;
    co_await server.close(10s);
    EXPECT_LT(watch.elapsed(), 5s);
    EXPECT_TRUE(ended);
    EXPECT_FALSE((co_await receiving.join()).has_value());
    EXPECT_EQ(ws.close_code(), 1001u);
}

BRIO_TEST_REAL_TIME(server_websocket, a_client_that_does_not_mask_is_cut_off) {
    http::server server;
    server.websocket("/ws", echo);
    server.listen();
    const std::string all = co_await talk(server, handshake() + "\x81\x05hello", "\x88\x02\x03\xEA");
    EXPECT_TRUE(contains(all, "\x88\x02\x03\xEA")) << "1002";
    const bool gone = co_await eventually([&] { return server.connections() == 0; });
    EXPECT_TRUE(gone);
    co_await server.close();
}

// Without a limit, a client that says goodbye and never reads would keep its place, and what is to be sent to it, for ever.
BRIO_TEST_REAL_TIME(server_websocket, a_client_that_reads_nothing_more_does_not_keep_its_place) {
    for (const bool polite : {true, false}) {
        http::server server(http::server_options().max_connections(1));
        server.websocket("/ws", [](http::websocket ws) -> awaitable<> {
            co_await ws.send(std::string(12'000'000, 'x'));
            co_await echo(std::move(ws));
        }, http::websocket_options().close_timeout(200ms).compress(false));
        server.get("/", [](http::server_request) -> awaitable<http::reply> { co_return http::reply::text("here"); });
        server.listen();
        brio::stream raw = co_await brio::open_connection("127.0.0.1", server.port());
        co_await raw.write(handshake());
        co_await raw.read_until("\r\n\r\n");
        // A close frame, and one that is not masked, which is against the rules.
        std::string last("\x81\x01z", 3);
        if (polite) last.assign("\x88\x80\x01\x02\x03\x04", 6);
        co_await raw.write(last);
        http::session s;
        const http::response other = co_await brio::wait_for(s.get(server.url() + "/"), 10s);
        EXPECT_EQ(other.body(), "here");
        raw.abort();
        co_await server.close();
    }
}
