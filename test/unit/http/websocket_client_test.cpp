// SPDX-License-Identifier: BSL-1.0
// The handshake of a session's WebSocket: what is asked, what is taken for an answer, and what becomes of the connection.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"
#include "http/ws_handshake.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
using brio::awaitable;
namespace http = brio::http;

std::string field(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == request.npos) return "none";
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
}

// A good answer; `more` header lines, each with its CR LF.
std::string agreement(const std::string& request, const std::string& more = {}) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: " +
           http::detail::ws_accept_for(field(request, "Sec-WebSocket-Key")) + "\r\n" + more + "\r\n";
}

// Agrees, with these header lines, and says hello at once.
script agrees(std::string more = {}) {
    return [more = std::move(more)](peer& client) -> awaitable<> {
        const std::string request = co_await client.request();
        co_await client.send(agreement(request, more) + "\x81\x05hello");
        co_await client.until_closed();
    };
}

// Plays an answer that is made from the request.
script answers(std::function<std::string(const std::string&)> make) {
    return [make = std::move(make)](peer& client) -> awaitable<> {
        for (;;) {
            const std::string request = co_await client.request();
            if (request.empty()) co_return;
            co_await client.send(make(request));
        }
    };
}

awaitable<http::websocket_handshake_error> refused(std::string answer, http::websocket_options wanted = http::websocket_options()) {
    scripted_server server(answers([answer](const std::string& request) {
        std::string text = answer;
        if (const std::size_t at = text.find("KEY"); at != text.npos) text.replace(at, 3, http::detail::ws_accept_for(field(request, "Sec-WebSocket-Key")));
        return text;
    }));
    http::session s;
    auto e = co_await error_of<http::websocket_handshake_error>([](http::session& of, std::string url, http::websocket_options how) -> awaitable<> {
        co_await of.websocket(std::move(url), std::move(how));
    }(s, server.url(), wanted));
    EXPECT_EQ(e.url(), server.url());
    EXPECT_EQ(s.stats().open, 0u);
    const bool gone = co_await eventually([&] { return server.playing() == 0; });
    EXPECT_TRUE(gone) << "the connection is closed";
    co_await server.stop();
    co_return e;
}

template <class Error>
awaitable<Error> failure(http::session& s, std::string url, http::options request = http::options(), http::websocket_options wanted = http::websocket_options()) {
    return error_of<Error>([](http::session& of, std::string where, http::options with, http::websocket_options how) -> awaitable<> {
        co_await of.websocket(std::move(where), std::move(how), std::move(with));
    }(s, std::move(url), std::move(request), std::move(wanted)));
}

} // namespace

BRIO_TEST_REAL_TIME(websocket_client, its_handshake_may_be_signed) {
    scripted_server server(agrees());
    const auto sign = [](http::prepared_request& q) -> awaitable<> {
        q.headers().set("X-Signature", "of " + std::string(q.headers().get("Upgrade").value_or("nothing")));
        co_return;
    };
    http::session s(http::session_options().before_send(sign));
    http::websocket ws = co_await s.websocket(server.url());
    EXPECT_EQ(field(server.requests().at(0), "X-Signature"), "of websocket");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, asks_as_rfc_6455_wants_it) {
    scripted_server server(agrees("Sec-WebSocket-Protocol: chat.v1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"));
    http::session s;
    http::websocket_options wanted;
    wanted.protocol("chat.v2").protocol("chat.v1");
    http::websocket ws = co_await s.websocket("ws://" + server.authority() + "/room?x=1#part", wanted, http::options().header("X-A", "b").query("y", "2"));
    const std::string& request = server.requests().at(0);
    EXPECT_EQ(request.substr(0, request.find("\r\n")), "GET /room?x=1&y=2 HTTP/1.1");
    EXPECT_EQ(field(request, "Host"), server.authority());
    EXPECT_EQ(field(request, "Upgrade"), "websocket");
    EXPECT_EQ(field(request, "Connection"), "Upgrade");
    EXPECT_EQ(field(request, "Sec-WebSocket-Version"), "13");
    EXPECT_EQ(field(request, "Sec-WebSocket-Key").size(), 24u);
    EXPECT_EQ(field(request, "Sec-WebSocket-Protocol"), "chat.v2, chat.v1");
    EXPECT_EQ(field(request, "Sec-WebSocket-Extensions"), "permessage-deflate; client_max_window_bits");
    EXPECT_EQ(field(request, "X-A"), "b");
    EXPECT_TRUE(contains(field(request, "User-Agent"), "brio/"));
    EXPECT_EQ(ws.protocol(), "chat.v1");
    EXPECT_TRUE(ws.is_compressed());
    EXPECT_EQ(ws.peer_address().port(), server.port());
    const auto first = co_await ws.next();
    EXPECT_EQ(first->data, "hello") << "it came with the answer";
    EXPECT_EQ(s.stats().open, 0u) << "the connection has left the pool";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, takes_a_server_that_wants_less) {
    scripted_server server(agrees());
    http::session s(http::session_options().base_url(server.url("/api/")));
    http::websocket ws = co_await s.websocket("room", http::websocket_options().protocol("chat"));
    EXPECT_EQ(ws.protocol(), "");
    EXPECT_FALSE(ws.is_compressed());
    http::websocket plain = co_await s.websocket(server.url("/x"), http::websocket_options().compress(false));
    EXPECT_TRUE(contains(server.requests().at(0), "GET /api/room "));
    EXPECT_EQ(field(server.requests().at(1), "Sec-WebSocket-Extensions"), "none");
    EXPECT_NE(field(server.requests().at(0), "Sec-WebSocket-Key"), field(server.requests().at(1), "Sec-WebSocket-Key"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, H_126_refuses_wrong_answers) {
    const std::string good = "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n";
    const std::vector<std::pair<std::string, unsigned>> all{
        {"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 101},
        {"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", 101},
        {good + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", 101},
        {"HTTP/1.1 101 S\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n\r\n", 101},
        {"HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n\r\n", 101},
        {"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: KEY\r\n\r\n", 101},
        {good + "Sec-WebSocket-Protocol: other\r\n\r\n", 101},
        {good + "Sec-WebSocket-Extensions: x-other\r\n\r\n", 101},
        {good + "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\r\n\r\n", 101},
        {good + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7\r\n\r\n", 101},
        {good + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16\r\n\r\n", 101},
        {good + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=abc\r\n\r\n", 101},
        {good + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=999\r\n\r\n", 101},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200},
        {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 403},
        {"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", 426},
        {"HTTP/1.1 503 Busy\r\n\r\nuntil the end", 503},
    };
    for (const auto& [answer, status] : all) {
        const auto e = co_await refused(answer);
        EXPECT_EQ(e.status(), status) << answer;
    }
    const auto e = co_await refused(good + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", http::websocket_options().compress(false));
    EXPECT_EQ(e.status(), 101u) << "not offered";
}

BRIO_TEST_REAL_TIME(websocket_client, refuses_requests_that_cannot_be_sent) {
    http::session s;
    for (const char* name : {"Connection", "upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"}) {
        EXPECT_THROW((void)co_await s.websocket("ws://127.0.0.1:1/", http::websocket_options(), http::options().header(name, "x")), http::invalid_request);
    }
    co_await failure<http::invalid_request>(s, "ws://127.0.0.1:1/", http::options(), http::websocket_options().protocol("no token"));
    co_await failure<http::invalid_request>(s, "ws://127.0.0.1:1/", http::options(), http::websocket_options().protocol("a\r\nb"));
    co_await failure<http::invalid_request>(s, "ws://127.0.0.1:1/", http::options(), http::websocket_options().protocol("a").protocol("a"));
    co_await failure<http::invalid_request>(s, "ws://127.0.0.1:1/", http::options().body("x"));
    co_await failure<http::invalid_request>(s, "ws://127.0.0.1:1/", http::options().form("a", "b"));
    co_await failure<http::invalid_url>(s, "socks5://127.0.0.1:1/");
    co_await failure<http::invalid_url>(s, "room");
    co_await failure<http::connect_error>(s, "ws://127.0.0.1:1/");
}

BRIO_TEST_REAL_TIME(websocket_client, carries_what_the_session_knows) {
    scripted_server server([](peer& client) -> awaitable<> {
        std::string request = co_await client.request();
        if (client.index == 0) {
            co_await client.send(answer("302 Found", "", "Location: /next\r\nSet-Cookie: new=2\r\n"));
            request = co_await client.request();
        }
        co_await client.send(agreement(request, "Set-Cookie: third=3\r\n"));
        co_await client.until_closed();
    });
    http::session_options defaults;
    defaults.header("X-Session", "yes");
    http::session s(defaults);
    http::websocket ws = co_await s.websocket(server.url("/first"), http::websocket_options(), http::options().cookie("own", "1").auth(http::auth::bearer("token")));
    EXPECT_EQ(server.requests().size(), 2u) << "the redirect was followed, over the same connection";
    const std::string& second = server.requests().at(1);
    EXPECT_TRUE(contains(second, "GET /next "));
    EXPECT_EQ(field(second, "Cookie"), "own=1; new=2");
    EXPECT_EQ(field(second, "Authorization"), "Bearer token");
    EXPECT_EQ(field(second, "X-Session"), "yes");
    EXPECT_EQ(field(second, "Upgrade"), "websocket");
    http::websocket again = co_await s.websocket("ws://" + server.authority());
    EXPECT_EQ(field(server.requests().at(2), "Cookie"), "new=2; third=3");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, credentials_do_not_travel_to_another_origin) {
    scripted_server other(agrees());
    scripted_server server(always(answer("307 Elsewhere", "", "Location: " + other.url("/x") + "\r\n")));
    http::session s;
    http::websocket ws = co_await s.websocket(server.url(), http::websocket_options(), http::options().cookie("own", "1").auth(http::auth::bearer("token")));
    EXPECT_EQ(field(server.requests().at(0), "Authorization"), "Bearer token");
    EXPECT_EQ(field(other.requests().at(0), "Authorization"), "none");
    EXPECT_EQ(field(other.requests().at(0), "Cookie"), "none");
    co_await server.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, answers_a_digest_challenge) {
    scripted_server server([](peer& client) -> awaitable<> {
        co_await client.request();
        co_await client.send(answer("401 Who", "", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n"));
        const std::string request = co_await client.request();
        co_await client.send(agreement(request));
        co_await client.until_closed();
    });
    http::session s;
    http::websocket ws = co_await s.websocket(server.url("/ws"), http::websocket_options(), http::options().auth(http::auth::digest("ada", "secret")));
    EXPECT_TRUE(contains(field(server.requests().at(1), "Authorization"), "Digest username=\"ada\""));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, goes_through_a_tunnel_even_when_it_is_not_secret) {
    scripted_server proxy([](peer& client) -> awaitable<> {
        const std::string connect = co_await client.request();
        if (!connect.starts_with("CONNECT ")) {
            co_await client.send(ok("plain"));
            co_await client.until_closed();
            co_return;
        }
        co_await client.send("HTTP/1.1 200 OK\r\n\r\n");
        const std::string request = co_await client.request();
        co_await client.send(agreement(request) + "\x81\x05hello");
        co_await client.until_closed();
    });
    http::session s(http::session_options().proxy("http://ada:secret@" + proxy.authority()));
    const http::response plain = co_await s.get("http://chat.invalid/room");
    EXPECT_EQ(plain.body(), "plain");
    http::websocket ws = co_await s.websocket("ws://chat.invalid/room");
    EXPECT_EQ((co_await ws.receive()).data, "hello");
    BRIO_ASSERT_EQ(proxy.requests().size(), 3u);
    EXPECT_TRUE(proxy.requests()[1].starts_with("CONNECT chat.invalid:80 HTTP/1.1\r\n"));
    EXPECT_TRUE(contains(proxy.requests()[1], "Proxy-Authorization: Basic "));
    EXPECT_TRUE(proxy.requests()[2].starts_with("GET /room HTTP/1.1\r\nHost: chat.invalid\r\n"));
    EXPECT_FALSE(contains(proxy.requests()[2], "Proxy-Authorization"));
    co_await proxy.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, reuses_a_connection_and_keeps_it) {
    scripted_server server([](peer& client) -> awaitable<> {
        co_await client.request();
        co_await client.send(ok("page"));
        const std::string request = co_await client.request();
        if (request.empty()) co_return;
        co_await client.send(agreement(request) + "\x81\x05hello");
        co_await client.until_closed();
    });
    http::session s(http::session_options().limit(1));
    co_await s.get(server.url());
    http::websocket ws = co_await s.websocket(server.url());
    EXPECT_EQ(server.connections(), 1u);
    co_await s.get(server.url());
    EXPECT_EQ(server.connections(), 2u) << "the limit of 1 does not count the WebSocket";
    EXPECT_EQ((co_await ws.receive()).data, "hello");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, has_the_time_limits_of_a_request_until_it_is_open) {
    scripted_server mute(silent());
    http::session s;
    const auto slow = co_await failure<http::timeout>(s, mute.url(), http::options().read_timeout(20ms));
    EXPECT_EQ(slow.phase(), http::phase::headers);
    const auto total = co_await failure<http::timeout>(s, mute.url(), http::options().timeout(20ms));
    EXPECT_EQ(total.phase(), http::phase::total);
    co_await mute.stop();
    scripted_server server(agrees());
    http::websocket ws = co_await s.websocket(server.url(), http::websocket_options(), http::options().timeout(30ms).read_timeout(20ms));
    co_await ws.receive();
    auto waiting = brio::create_task(ws.next());
    co_await brio::sleep(80ms);
    EXPECT_TRUE(ws.is_open());
    ws = http::websocket();
    EXPECT_FALSE((co_await waiting.join()).has_value());
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, H_089_ends_with_its_session) {
    for (const bool destroyed : {false, true}) {
        std::string last;
        scripted_server server([&last](peer& client) -> awaitable<> {
            const std::string request = co_await client.request();
            co_await client.send(agreement(request));
            last = co_await client.until_closed();
        });
        auto s = std::make_unique<http::session>();
        http::websocket ws = co_await s->websocket(server.url());
        http::websocket other = co_await s->websocket(server.url());
        other = http::websocket();
        auto waiting = brio::create_task(ws.next());
        co_await brio::sleep(2ms);
        if (!destroyed) co_await s->close();
        s.reset();
        co_await error_of<http::session_closed>(brio::detail::await_operation(waiting.join()));
        co_await error_of<http::session_closed>(ws.send("x"));
        EXPECT_FALSE(ws.is_open());
        const bool gone = co_await eventually([&] { return server.playing() == 0; });
        EXPECT_TRUE(gone);
        EXPECT_EQ(static_cast<unsigned char>(last.at(0)), 0x88) << "it says goodbye";
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(websocket_client, H_089_a_session_that_is_closed_under_the_handshake) {
    scripted_server mute(silent());
    auto s = std::make_unique<http::session>();
    auto opening = brio::create_task(s->websocket(mute.url()));
    co_await eventually([&] { return mute.requests().size() == 1; });
    s.reset();
    co_await error_of<http::session_closed>(brio::detail::await_operation(opening.join()));
    co_await mute.stop();
}

BRIO_TEST_REAL_TIME(websocket_client, cancelled_at_any_moment_of_the_handshake) {
    scripted_server mute(silent());
    scripted_server server(agrees());
    http::session s;
    auto before = brio::create_task(s.websocket(mute.url()));
    before.cancel();
    EXPECT_THROW((void)co_await before.join(), brio::cancelled_error);
    auto waiting = brio::create_task(s.websocket(mute.url()));
    co_await eventually([&] { return mute.requests().size() == 1; });
    waiting.cancel();
    EXPECT_THROW((void)co_await waiting.join(), brio::cancelled_error);
    EXPECT_EQ(s.stats().open, 0u);
    for (int turns = 0; turns < 60; ++turns) {
        auto opening = brio::create_task(s.websocket(server.url()));
        for (int i = 0; i < turns && !opening.done(); ++i) co_await brio::sleep(0s);
        opening.cancel();
        try {
            http::websocket ws = co_await std::move(opening).join();
            EXPECT_TRUE(ws.is_open());
        } catch (const brio::cancelled_error&) {
        }
        EXPECT_EQ(s.stats().open, 0u);
    }
    const bool gone = co_await eventually([&] { return server.playing() + mute.playing() == 0; });
    EXPECT_TRUE(gone);
    co_await mute.stop();
    co_await server.stop();
}
