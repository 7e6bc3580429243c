// SPDX-License-Identifier: BSL-1.0
// SOCKS 5 proxies and names with several addresses, looked up here.
#include "http/error_of.hpp"
#include "http/fake_resolver.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/read.hpp>

#include <string>
#include <vector>

namespace {

using namespace http_test;
namespace http = brio::http;

brio::awaitable<std::string> read_some(tcp::socket& from, std::size_t size) {
    std::string bytes(size, '\0');
    co_await asio::async_read(from, asio::buffer(bytes), asio::use_awaitable);
    co_return bytes;
}

// A SOCKS 5 proxy that reaches one address only and answers there itself; what it is asked for goes to `asked`.
script reaching(std::string address, std::vector<std::string>* asked) {
    return [address = std::move(address), asked](peer& client) -> brio::awaitable<> {
        co_await read_some(client.socket(), 3);
        co_await client.send(std::string("\x05\x00", 2));
        const std::string head = co_await read_some(client.socket(), 4);
        const std::string where = co_await read_some(client.socket(), head[3] == 1 ? 6 : 18);
        asked->push_back(where.substr(0, where.size() - 2));
        const char reply = asked->back() == address ? '\0' : '\x05';
        co_await client.send(std::string("\x05", 1) + reply + std::string("\x00\x01\x00\x00\x00\x00\x00\x00", 8));
        if (reply != '\0') co_return;
        co_await client.request();
        co_await client.send(answer("200 OK", "through"));
        co_await client.until_closed();
    };
}

const std::string first(std::string(15, '\0') + '\x01'); // ::1
const std::string second("\x7F\x00\x00\x09", 4);

}  // namespace

BRIO_TEST_REAL_TIME(socks, the_next_address_is_tried_when_the_proxy_does_not_reach_one) {
    fake_resolver::reset();
    std::vector<std::string> addresses(1, "::1");
    addresses.push_back("127.0.0.9");
    fake_resolver::add("two.test", addresses);
    std::vector<std::string> asked;
    scripted_server proxy(reaching(second, &asked));
    http::session s(http::session_options().proxy("socks5://" + proxy.authority()));
    const http::response r = co_await s.get("http://two.test/x");
    EXPECT_EQ(r.body(), "through");
    BRIO_ASSERT_EQ(asked.size(), 2u);
    EXPECT_EQ(asked[0], first);
    EXPECT_EQ(asked[1], second);
    EXPECT_EQ(s.stats().open, 1u);
    co_await s.close();
    co_await proxy.stop();
}

BRIO_TEST_REAL_TIME(socks, the_last_refusal_is_the_error) {
    fake_resolver::reset();
    std::vector<std::string> addresses(1, "::1");
    addresses.push_back("127.0.0.9");
    fake_resolver::add("two.test", addresses);
    std::vector<std::string> asked;
    scripted_server proxy(reaching("nowhere", &asked));
    http::session s(http::session_options().proxy("socks5://" + proxy.authority()));
    const auto error = co_await error_of<http::proxy_error>(s.get("http://two.test/x"));
    EXPECT_NE(std::string(error.what()).find("127.0.0.9:80: connection refused"), std::string::npos) << error.what();
    EXPECT_EQ(asked.size(), 2u);
    EXPECT_EQ(s.stats().open, 0u);
    co_await s.close();
    co_await proxy.stop();
}

BRIO_TEST_REAL_TIME(socks, a_password_that_is_refused_is_not_sent_again) {
    fake_resolver::reset();
    std::vector<std::string> addresses(1, "::1");
    addresses.push_back("127.0.0.9");
    fake_resolver::add("two.test", addresses);
    scripted_server proxy([](peer& client) -> brio::awaitable<> {
        co_await read_some(client.socket(), 4);
        co_await client.send("\x05\x02");
        co_await read_some(client.socket(), 2 + 3 + 1 + 2);
        co_await client.send("\x01\x01");
        co_await client.until_closed();
    });
    http::session s(http::session_options().proxy("socks5://ada:pw@" + proxy.authority()));
    const auto error = co_await error_of<http::proxy_error>(s.get("http://two.test/x"));
    EXPECT_NE(std::string(error.what()).find("password"), std::string::npos) << error.what();
    EXPECT_EQ(proxy.connections(), 1u);
    co_await s.close();
    co_await proxy.stop();
}
