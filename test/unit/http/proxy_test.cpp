// SPDX-License-Identifier: BSL-1.0
// Sessions behind proxies.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/read.hpp>

#include <cstdlib>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string first_line(const std::string& request) { return request.substr(0, request.find("\r\n")); }

brio::awaitable<> copy(tcp::socket& from, tcp::socket& to) {
    char piece[4096];
    boost::system::error_code ec;
    while (!ec) {
        const std::size_t n = co_await from.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        co_await asio::async_write(to, asio::buffer(piece, n), asio::redirect_error(asio::use_awaitable, ec));
    }
    boost::system::error_code ignored;
    to.shutdown(tcp::socket::shutdown_send, ignored);
}
brio::awaitable<> relay(tcp::socket& client, std::uint16_t port) {
    tcp::socket server(brio::get_running_loop().context());
    const tcp::endpoint to(asio::ip::make_address("127.0.0.1"), port);
    co_await server.async_connect(to, asio::use_awaitable);
    co_await brio::gather(brio::return_exceptions, copy(client, server), copy(server, client));
}
brio::awaitable<std::string> read_some(tcp::socket& from, std::size_t size) {
    std::string bytes(size, '\0');
    co_await asio::async_read(from, asio::buffer(bytes), asio::use_awaitable);
    co_return bytes;
}
// A SOCKS 5 proxy that leads everything to one port; what it is asked for goes to `asked`.
script socks_to(std::uint16_t port, std::string* asked) {
    return [port, asked](peer& client) -> brio::awaitable<> {
        const std::string greeting = co_await read_some(client.socket(), 2);
        co_await read_some(client.socket(), static_cast<std::size_t>(greeting[1]));
        co_await client.send(std::string("\x05\x00", 2));
        const std::string head = co_await read_some(client.socket(), 5);
        std::size_t rest = 5;
        if (head[3] == 3) rest = static_cast<std::size_t>(head[4]) + 2;
        const std::string tail = co_await read_some(client.socket(), rest);
        *asked = head.substr(3, 1) + head.substr(4) + tail.substr(0, tail.size() - 2);
        co_await client.send(std::string("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
        co_await relay(client.socket(), port);
    };
}

}  // namespace

BRIO_TEST_REAL_TIME(proxy, H_109_http_goes_whole_to_the_proxy) {
    scripted_server proxy(always(ok("from the proxy")));
    http::session s(http::session_options().proxy("http://ada:secret@" + proxy.authority()));
    const http::response r = co_await s.get("http://nowhere.invalid:81/x?y#z", http::options().header("Proxy-Authorization", "own").header("X-A", "1"));
    EXPECT_EQ(r.body(), "from the proxy");
    EXPECT_EQ(r.url().str(), "http://nowhere.invalid:81/x?y#z");
    const std::string& sent = proxy.requests().at(0);
    EXPECT_EQ(first_line(sent), "GET http://nowhere.invalid:81/x?y HTTP/1.1");
    EXPECT_TRUE(contains(sent, "\r\nHost: nowhere.invalid:81\r\n"));
    EXPECT_TRUE(contains(sent, "\r\nProxy-Authorization: Basic YWRhOnNlY3JldA==\r\n"));
    EXPECT_FALSE(contains(sent, "own"));
    co_await s.get("http://nowhere.invalid:81/again");
    EXPECT_EQ(proxy.connections(), 1u) << "kept alive";
    co_await proxy.stop();
}

BRIO_TEST_REAL_TIME(proxy, exceptions_go_straight) {
    scripted_server proxy(always(ok("from the proxy")));
    scripted_server server(always(ok("from the server")));
    http::session s(http::session_options().proxy(proxy.url(), "127.0.0.0/8").base_url(server.url()));
    EXPECT_EQ((co_await s.get("/")).body(), "from the server");
    EXPECT_EQ((co_await s.get("http://nowhere.invalid/")).body(), "from the proxy");
    EXPECT_EQ(first_line(server.requests().at(0)), "GET / HTTP/1.1");
    co_await proxy.stop();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(proxy, H_109_110_inside_a_tunnel_nothing_is_for_the_proxy) {
    scripted_server proxy([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 Connection established\r\n\r\n");
        co_await client.until_closed();
    });
    http::session_options defaults;
    defaults.proxy("http://ada:secret@" + proxy.authority()).header("X-Session", "canary").user_agent("me").connect_timeout(300ms);
    http::session s(defaults);
    co_await error_of<http::timeout>(s.get("https://nowhere.invalid/path", http::options().header("Authorization", "canary")));
    const std::string& sent = proxy.requests().at(0);
    EXPECT_EQ(sent, "CONNECT nowhere.invalid:443 HTTP/1.1\r\nHost: nowhere.invalid:443\r\nUser-Agent: me\r\n"
                    "Proxy-Authorization: Basic YWRhOnNlY3JldA==\r\n\r\n");
    EXPECT_EQ(s.stats().open, 0u);
    co_await proxy.stop();
}

BRIO_TEST_REAL_TIME(proxy, H_111_a_tunnel_that_is_refused) {
    scripted_server proxy(always(answer("407 Authenticate", "who are you?")));
    http::session s(http::session_options().proxy("http://ada:canary@" + proxy.authority()));
    const auto e = co_await error_of<http::proxy_error>(s.get("https://nowhere.invalid/"));
    EXPECT_EQ(e.status(), 407u);
    EXPECT_EQ(e.text(), "who are you?");
    EXPECT_EQ(e.phase(), http::phase::proxy);
    EXPECT_EQ(e.url(), "https://nowhere.invalid/");
    EXPECT_FALSE(contains(text_of(e), "canary"));
    EXPECT_EQ(s.stats().open, 0u);
    co_await proxy.stop();

    scripted_server closes([](peer& client) -> brio::awaitable<> { co_await client.request(); });
    http::session t(http::session_options().proxy(closes.url()));
    co_await error_of<http::proxy_error>(t.get("https://nowhere.invalid/"));
    co_await closes.stop();
}

BRIO_TEST_REAL_TIME(proxy, one_that_is_not_there_or_silent) {
    http::session none(http::session_options().proxy("http://127.0.0.1:1"));
    const auto refused = co_await error_of<http::connect_error>(none.get("http://nowhere.invalid/"));
    EXPECT_EQ(refused.phase(), http::phase::proxy);
    EXPECT_TRUE(contains(text_of(refused), "proxy")) << refused.what();
    scripted_server dumb(silent());
    http::session s(http::session_options().proxy(dumb.url()).connect_timeout(50ms));
    const auto late = co_await error_of<http::timeout>(s.get("https://nowhere.invalid/"));
    EXPECT_EQ(late.phase(), http::phase::proxy);
    http::session t(http::session_options().proxy("socks5h://" + dumb.authority()).connect_timeout(50ms));
    const auto late_too = co_await error_of<http::timeout>(t.get("http://nowhere.invalid/"));
    EXPECT_EQ(late_too.phase(), http::phase::proxy);
    EXPECT_EQ(s.stats().open + t.stats().open, 0u);
    co_await dumb.stop();
}

BRIO_TEST_REAL_TIME(proxy, socks5h_lets_the_proxy_look_names_up) {
    scripted_server server(always(ok("through")));
    std::string asked;
    scripted_server proxy(socks_to(server.port(), &asked));
    http::session s(http::session_options().proxy("socks5h://" + proxy.authority()));
    EXPECT_EQ((co_await s.get("http://nowhere.invalid/x")).body(), "through");
    EXPECT_EQ(asked, std::string("\x03\x0Fnowhere.invalid"));
    EXPECT_EQ(first_line(server.requests().at(0)), "GET /x HTTP/1.1") << "the server sees a plain request";
    EXPECT_TRUE(contains(server.requests().at(0), "\r\nHost: nowhere.invalid\r\n"));
    co_await s.get("http://nowhere.invalid/y");
    EXPECT_EQ(proxy.connections(), 1u);
    co_await s.close();
    co_await proxy.stop();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(proxy, socks5_looks_names_up_here) {
    scripted_server server(always(ok("through")));
    std::string asked;
    scripted_server proxy(socks_to(server.port(), &asked));
    http::session s(http::session_options().proxy("socks5://" + proxy.authority()));
    EXPECT_EQ((co_await s.get("http://127.0.0.9:81/x")).body(), "through");
    EXPECT_EQ(asked, std::string("\x01\x7F\x00\x00\x09", 5));
    const auto unknown = co_await error_of<http::connect_error>(s.get("http://nowhere.invalid/"));
    EXPECT_EQ(unknown.phase(), http::phase::resolve);
    co_await s.close();
    co_await proxy.stop();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(proxy, H_109_redirects_choose_their_proxy_anew) {
    scripted_server server(always(ok("straight")));
    scripted_server proxy(always(answer("302 Found", "", "Location: " + server.url("/page") + "\r\n")));
    http::session s(http::session_options().proxy("http://ada:secret@" + proxy.authority(), "127.0.0.1"));
    EXPECT_EQ((co_await s.get("http://nowhere.invalid/")).body(), "straight");
    EXPECT_EQ(first_line(server.requests().at(0)), "GET /page HTTP/1.1");
    EXPECT_FALSE(contains(server.requests().at(0), "Proxy-Authorization"));
    co_await proxy.stop();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(proxy, H_006_options_are_checked_at_once) {
    for (const char* bad : {"ftp://p", "", "http://", "p:99999"}) EXPECT_THROW(http::session_options().proxy(bad), http::invalid_url) << bad;
    EXPECT_THROW(http::session_options().proxy("http://a%0d%0ab:p@proxy"), http::invalid_request);
    EXPECT_THROW(http::session_options().proxy("http://a%3Ab:p@proxy"), http::invalid_request);
    co_return;
}

BRIO_TEST_REAL_TIME(proxy, the_environment_is_asked_only_on_request) {
    scripted_server proxy(always(ok("from the proxy")));
    scripted_server server(always(ok("from the server")));
    ::setenv("http_proxy", proxy.url().c_str(), 1);
    http::session with(http::session_options().proxy_from_environment());
    http::session without;
    EXPECT_EQ((co_await with.get("http://nowhere.invalid/")).body(), "from the proxy");
    EXPECT_EQ((co_await with.get(server.url())).body(), "from the server") << "loopback goes straight";
    co_await error_of<http::connect_error>(without.get("http://nowhere.invalid/"));
    ::unsetenv("http_proxy");
    co_await proxy.stop();
    co_await server.stop();
}
