// SPDX-License-Identifier: BSL-1.0
// The server, spoken to by a session and by raw bytes.
#include "http/error_of.hpp"
#include "http/raw_client.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/read.hpp>
#include <boost/json/value.hpp>

#include <sys/resource.h>

namespace {

using namespace http_test;
namespace http = brio::http;

brio::awaitable<http::reply> echo(http::server_request request) {
    http::reply made = http::reply::text(request.method() + " " + std::string(request.path()) + " ? " + std::string(request.query()) + " : " + request.body());
    made.header("X-Seen", request.headers().get("X-In").value_or("none"));
    co_return made;
}

// Sends these bytes and gives everything that the server says until it closes.
brio::awaitable<std::string> talk(std::uint16_t port, std::string bytes, bool half_close = true) {
    tcp::socket raw(brio::get_running_loop().context());
    co_await raw.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), asio::use_awaitable);
    boost::system::error_code ec;
    co_await asio::async_write(raw, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
    if (half_close) raw.shutdown(tcp::socket::shutdown_send, ec);
    std::string all;
    char piece[4096];
    while (!ec) {
        const std::size_t n = co_await raw.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
        all.append(piece, n);
    }
    co_return all;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

}  // namespace

BRIO_TEST_REAL_TIME(server, routes_by_method_and_path) {
    http::server server;
    server.route("GET", "/a", echo).route("*", "/any", echo);
    server.listen();
    http::session s(http::session_options().base_url(server.url() + "/"));
    http::options opts;
    opts.query("q", "1").header("X-In", "v");
    const http::response a = co_await s.get("a", opts);
    EXPECT_EQ(a.body(), "GET /a ? q=1 : ");
    EXPECT_EQ(a.header("X-Seen"), "v");
    EXPECT_EQ(a.header("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_TRUE(a.headers().contains("Date"));
    EXPECT_TRUE(a.headers().contains("Server"));
    const http::response any = co_await s.put("any", http::options().body("data"));
    EXPECT_EQ(any.body(), "PUT /any ?  : data");
    const http::response wrong = co_await s.post("a");
    EXPECT_EQ(wrong.status(), 405u);
    const http::response none = co_await s.get("b");
    EXPECT_EQ(none.status(), 404u);
    const http::response head = co_await s.head("a");
    EXPECT_EQ(head.status(), 200u);
    EXPECT_EQ(head.body(), "");
    EXPECT_EQ(head.header("Content-Length"), "13") << "HEAD /a ?  : ";
    EXPECT_EQ(server.connections(), 1u);
    EXPECT_EQ(s.stats().created, 1u);
    co_await server.close();
    EXPECT_EQ(server.connections(), 0u);
}

BRIO_TEST_REAL_TIME(server, the_fallback_serves_the_rest) {
    http::server server;
    server.fallback(echo);
    server.listen();
    http::session s;
    const http::response r = co_await s.request("PURGE", server.url() + "/x%20y?a=%20");
    EXPECT_EQ(r.body(), "PURGE /x%20y ? a=%20 : ");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, a_handler_that_throws_is_a_500_and_the_connection_stays) {
    http::server server;
    server.route("GET", "/bad", [](http::server_request) -> brio::awaitable<http::reply> {
        throw std::runtime_error("inside secret");
        co_return http::reply();
    });
    server.fallback(echo);
    server.listen();
    http::session s;
    const http::response bad = co_await s.get(server.url() + "/bad");
    EXPECT_EQ(bad.status(), 500u);
    EXPECT_FALSE(contains(bad.body(), "secret"));
    const http::response good = co_await s.get(server.url() + "/good");
    EXPECT_EQ(good.status(), 200u);
    EXPECT_EQ(s.stats().created, 1u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, H_138_malformed_requests_are_answered_and_closed) {
    http::server server;
    std::size_t handled = 0;
    server.fallback([&handled](http::server_request) -> brio::awaitable<http::reply> {
        ++handled;
        co_return http::reply(200, "fine");
    });
    server.listen();
    const std::string host = "Host: x\r\n";
    const std::vector<std::pair<std::string, std::string>> bad{
        {"GET / HTTP/1.1\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "400"},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 5, 6\r\n\r\nhello", "400"},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: +5\r\n\r\nhello", "400"},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        {"GET / HTTP/1.1\n" + host + "\n", "400"},
        {"GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n", "400"},
        {"GE T / HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"GET http://x y/ HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"GET x:80 HTTP/1.1\r\n" + host + "\r\n", "400"},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 2000000\r\n\r\n", "413"},
        {"\x16\x03\x01\x02\x05", "400"},
    };
    for (const auto& [bytes, status] : bad) {
        const std::string got = co_await talk(server.port(), bytes + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_TRUE(got.starts_with("HTTP/1.1 " + status + " ")) << bytes << "\n -> " << got.substr(0, 60);
        EXPECT_TRUE(contains(got, "Connection: close")) << got;
        EXPECT_EQ(count(got, "HTTP/1.1 "), 1u) << bytes << "\n" << got;
    }
    EXPECT_EQ(handled, 0u);
    const std::string absolute = co_await talk(server.port(), "GET http://other/p?q HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(absolute.starts_with("HTTP/1.1 200 ")) << absolute;
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, H_139_bodies_are_limited_whatever_their_framing) {
    http::server server(http::server_options().max_body(1000));
    server.fallback(echo);
    server.listen();
    http::session s;
    const http::response fits = co_await s.post(server.url() + "/", http::options().body(std::string(1000, 'x')));
    EXPECT_EQ(fits.status(), 200u);
    const http::response large = co_await s.post(server.url() + "/", http::options().body(std::string(1001, 'x')));
    EXPECT_EQ(large.status(), 413u);
    EXPECT_EQ(s.stats().open, 0u);
    const http::response huge = co_await s.post(server.url() + "/", http::options().body(std::string(5'000'000, 'x')));
    EXPECT_EQ(huge.status(), 413u) << "the answer arrives though the body was not read";
    std::string chunks = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 11; ++i) chunks += "64\r\n" + std::string(100, 'c') + "\r\n";
    const std::string got = co_await talk(server.port(), chunks + "0\r\n\r\n");
    EXPECT_TRUE(got.starts_with("HTTP/1.1 413 ")) << got;
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, H_139_pipelined_requests_are_answered_in_order) {
    http::server server;
    server.fallback([](http::server_request request) -> brio::awaitable<http::reply> {
        if (request.path() == "/slow") co_await brio::sleep(20ms);
        co_return http::reply(200, std::string(request.path()));
    });
    server.listen();
    std::string all;
    for (int i = 0; i < 50; ++i) all += "GET /" + std::string(i % 10 ? "n" : "slow") + " HTTP/1.1\r\nHost: x\r\n\r\n";
    all += "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const std::string got = co_await talk(server.port(), all);
    EXPECT_EQ(count(got, "HTTP/1.1 200 OK\r\n"), 51u);
    EXPECT_EQ(count(got, "/slow"), 5u);
    EXPECT_TRUE(got.ends_with("/last"));
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, H_140_a_reply_that_would_split_is_a_500) {
    EXPECT_THROW(http::reply().header("X", "a\r\nSet-Cookie: b"), http::invalid_request);
    EXPECT_THROW(http::reply().header("X: y", "a"), http::invalid_request);
    http::server server;
    server.fallback([](http::server_request request) -> brio::awaitable<http::reply> {
        http::reply made(200, "x");
        made.header("X-Echo", std::string(request.query()) == "bad" ? "a\r\nX-Evil: 1" : "fine");
        co_return made;
    });
    server.listen();
    http::session s;
    const http::response bad = co_await s.get(server.url() + "/?bad");
    EXPECT_EQ(bad.status(), 500u);
    EXPECT_FALSE(bad.headers().contains("X-Evil"));
    const http::response good = co_await s.get(server.url() + "/");
    EXPECT_EQ(good.status(), 200u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, H_140_at_the_limit_of_connections_more_wait_in_the_backlog) {
    http::server server(http::server_options().max_connections(3).keep_alive(10s));
    server.fallback(echo);
    server.listen();
    std::vector<tcp::socket> idle;
    for (int i = 0; i < 30; ++i) {
        idle.emplace_back(brio::get_running_loop().context());
        co_await idle.back().async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port()), asio::use_awaitable);
    }
    co_await eventually([&] { return server.connections() == 3; });
    co_await brio::sleep(20ms);
    EXPECT_EQ(server.connections(), 3u);
    idle.clear();
    http::session s;
    const http::response r = co_await s.get(server.url() + "/", http::options().timeout(3s));
    EXPECT_EQ(r.status(), 200u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, H_140_without_descriptors_it_waits_and_goes_on) {
    if (is_sanitized) {
        mark_skipped("sanitizers need descriptors themselves");
        co_return;
    }
    http::server server;
    server.fallback(echo);
    server.listen();
    http::session s;
    co_await s.get(server.url() + "/");
    tcp::socket waiting(brio::get_running_loop().context());
    waiting.open(tcp::v4());
    rlimit old{};
    getrlimit(RLIMIT_NOFILE, &old);
    rlimit none = old;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    co_await waiting.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), server.port()), asio::use_awaitable);
    const std::clock_t before = std::clock();
    co_await brio::sleep(250ms);
    const double busy = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    setrlimit(RLIMIT_NOFILE, &old);
    EXPECT_LT(busy, 0.1) << "accepting must not spin";
    const bool accepted = co_await eventually([&] { return server.connections() == 2; });
    EXPECT_TRUE(accepted);
    waiting.close();
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, slow_heads_and_idle_connections_are_closed) {
    http::server server(http::server_options().read_timeout(60ms).keep_alive(1s));
    server.fallback(echo);
    server.listen();
    const stopwatch slow;
    const std::string head = co_await talk(server.port(), "GET / HTTP/1.1\r\nHos", false);
    EXPECT_FALSE(contains(head, "200 OK"));
    EXPECT_LT(slow.elapsed(), 900ms);
    const stopwatch idle;
    const std::string served = co_await talk(server.port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n", false);
    EXPECT_TRUE(contains(served, "200 OK"));
    EXPECT_GE(idle.elapsed(), 999ms);
    EXPECT_LT(idle.elapsed(), 10s);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, expect_continue_is_answered_once) {
    http::server server;
    server.fallback(echo);
    server.listen();
    const std::string got = co_await talk(server.port(), "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
    EXPECT_LE(count(got, "100 Continue"), 1u);
    EXPECT_TRUE(contains(got, "POST / ?  : abc")) << got;
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, json_close_and_bodiless_replies) {
    http::server server;
    server.route("GET", "/json", [](http::server_request) -> brio::awaitable<http::reply> {
        boost::json::value value = {{"a", 1}};
        co_return http::reply::json(value, 201);
    });
    server.route("GET", "/close", [](http::server_request) -> brio::awaitable<http::reply> {
        http::reply made(200, "bye");
        made.close();
        co_return made;
    });
    server.route("GET", "/none", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply(204); });
    server.listen();
    http::session s(http::session_options().base_url(server.url() + "/"));
    const http::response json = co_await s.get("json");
    EXPECT_EQ(json.status(), 201u);
    EXPECT_EQ(json.json().at("a").as_int64(), 1);
    const http::response none = co_await s.get("none");
    EXPECT_EQ(none.status(), 204u);
    EXPECT_EQ(s.stats().idle, 1u);
    const http::response bye = co_await s.get("close");
    EXPECT_EQ(bye.body(), "bye");
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, close_ends_what_runs_and_serve_forever) {
    http::server server;
    bool cancelled = false;
    server.fallback([&cancelled](http::server_request) -> brio::awaitable<http::reply> {
        try {
            co_await brio::sleep(10s);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
            throw;
        }
        co_return http::reply();
    });
    server.listen();
    brio::task<> forever = brio::create_task(server.serve_forever());
    http::session s;
    brio::task<http::response> call = brio::create_task(s.get(server.url() + "/"));
    co_await eventually([&] { return server.connections() == 1; });
    co_await brio::sleep(5ms);
    co_await server.close();
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(server.connections(), 0u);
    co_await forever.join();
    const auto lost = co_await error_of<http::connection_lost>(brio::detail::await_operation(call.join()));
    EXPECT_EQ(lost.phase(), http::phase::headers);
    server.listen();
    EXPECT_NE(server.port(), 0);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server, cancelling_serve_forever_closes_it) {
    http::server server;
    server.fallback(echo);
    server.listen();
    http::session s;
    co_await s.get(server.url() + "/");
    brio::task<> forever = brio::create_task(server.serve_forever());
    co_await brio::sleep(5ms);
    forever.cancel();
    co_await brio::gather(brio::return_exceptions, forever);
    EXPECT_TRUE(forever.cancelled());
    EXPECT_EQ(server.connections(), 0u);
    co_await error_of<http::error>(s.get(server.url() + "/"));
}

BRIO_TEST_REAL_TIME(server, an_address_in_use_or_nonsense_is_an_error) {
    http::server first;
    first.listen();
    http::server second;
    EXPECT_THROW(second.listen("127.0.0.1", first.port()), std::system_error);
    EXPECT_THROW(second.listen("not an address"), std::system_error);
    EXPECT_EQ(second.port(), 0);
    second.listen();
    EXPECT_NE(second.port(), first.port());
    co_await second.close();
    co_await first.close();
}

TEST(server, may_outlive_its_loop) {
    http::server server;
    server.fallback(echo);
    const auto body = [&]() -> brio::awaitable<> {
        server.listen();
        http::session s;
        co_await s.get(server.url() + "/");
    };
    EXPECT_NO_THROW(brio::run(body()));
}

BRIO_TEST_REAL_TIME(server, its_name_is_yours_to_choose) {
    EXPECT_THROW(http::server_options().name("a\r\nX: b"), http::invalid_request);
    for (const char* name : {"mine", ""}) {
        http::server server(http::server_options().name(name));
        server.listen();
        http::session s;
        const http::response got = co_await s.get(server.url() + "/");
        EXPECT_EQ(got.header("Server").value_or(""), name);
        EXPECT_EQ(got.headers().contains("Server"), *name != 0);
        co_await s.close();
        co_await server.close();
    }
}

BRIO_TEST_REAL_TIME(server, a_target_without_a_path_is_the_root) {
    http::server server;
    server.get("/", echo);
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer bare = co_await client.get("http://x");
    EXPECT_EQ(bare.status, 200u);
    EXPECT_TRUE(bare.body.starts_with("GET / ")) << bare.body;
    const raw_answer query = co_await client.get("http://x?q=1");
    EXPECT_TRUE(query.body.starts_with("GET / ? q=1") || query.body.starts_with("GET / ?q=1")) << query.body;
    co_await server.close();
}

// What a client sends behind the last request that is served must not take the answer with it.
BRIO_TEST_REAL_TIME(server, a_last_answer_arrives_whole_whatever_comes_behind_its_request) {
    http::server server;
    const std::string large(2'500'000, 'x');
    server.get("/big", [&large](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::text(large); });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    std::string more;
    while (more.size() < 200'000) more += "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";
    const brio::task<> sending = brio::create_task(client.send("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + more));
    co_await brio::sleep(300ms);
    const std::string all = co_await client.rest();
    EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, large.size());
    co_await brio::gather(brio::return_exceptions, sending);
    co_await server.close();
}
