// SPDX-License-Identifier: BSL-1.0
// The session through squid, and through a SOCKS5 server, to nginx and Node.
#include "interop.hpp"
#include "nginx.hpp"
#include "node.hpp"
#include "pages.hpp"
#include "socks_server.hpp"
#include "squid.hpp"

#include <chrono>
#include <thread>

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t pages = 5;
const std::string ada = "ada:open%20sesame@";

std::string port_of(const std::string& url) { return url.substr(url.rfind(':') + 1); }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// Files through a proxy, each byte compared.
brio::awaitable<> read_pages(http::session& client, std::string base, const std::string& large) {
    for (std::size_t i = 0; i < pages; ++i) {
        const http::response answer = co_await client.get(base + "/" + std::to_string(i) + ".txt");
        EXPECT_EQ(answer.status(), 200U);
        EXPECT_EQ(answer.body(), page(i)) << i;
    }
    const http::response whole = co_await client.get(base + "/large");
    expect_same_bytes(whole.body(), large);
}

brio::awaitable<std::optional<http::proxy_error>> refusal(http::session_options how, std::string url) {
    http::session client(std::move(how));
    const auto [error, took] = co_await failure_of<http::proxy_error>(get(client, std::move(url)));
    expect_connections(client, client.stats().created, 0);
    co_await client.close();
    co_return error;
}

// A proxy writes its line when the connection has ended on its side too: a little after it has here.
template <class Proxy>
bool notes(const Proxy& proxy, const std::string& text) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!contains(proxy.log(), text)) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

} // namespace

TEST(squid, forwards_requests) {
    const squid proxy;
    nginx site;
    write_pages(site.www(), pages);
    const std::string large = noise(3 << 20);
    write_file(site.www() / "large", large);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy(proxy.url()));
        co_await read_pages(client, site.url(), large);
        expect_connections(client, 1, 1);
        const http::response redirected = co_await client.get(site.url() + "/hop/3");
        EXPECT_EQ(redirected.body(), "arrived");
        const http::response missing = co_await client.get(site.url() + "/status/404");
        EXPECT_EQ(missing.status(), 404U);
        expect_connections(client, 1, 1);
        co_await client.close();
    });
    EXPECT_TRUE(notes(proxy, "GET " + site.url() + "/large 200")) << proxy.log();
}

TEST(squid, names_are_for_the_proxy_to_look_up) {
    const squid proxy;
    nginx site;
    write_file(site.www() / "a", "bytes");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy(proxy.url()));
        const http::response answer = co_await client.get("http://site.test:" + port_of(site.url()) + "/a");
        EXPECT_EQ(answer.body(), "bytes");
        const http::response unknown = co_await client.get("http://unknown.invalid/");
        EXPECT_GE(unknown.status(), 502U) << "for plain http what the proxy says is the answer";
        co_await client.close();
    });
}

TEST(squid, uploads_and_events_pass) {
    const squid proxy;
    const node site;
    const std::string bytes = noise(8 << 20);
    const std::string sum = sha256_of(bytes);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy(proxy.url()));
        http::options chunked;
        chunked.body(in_pieces(bytes, 100'000));
        const http::response sent = co_await client.post(site.url() + "/sum", std::move(chunked));
        EXPECT_EQ(member(sent, "sha256"), sum);
        http::options asked;
        asked.body(bytes).expect_continue();
        const http::response again = co_await client.post(site.url() + "/sum", std::move(asked));
        EXPECT_EQ(member(again, "sha256"), sum);
        const http::response hints = co_await client.get(site.url() + "/hints");
        EXPECT_EQ(hints.body(), "after the hints");
        http::event_stream news = client.events(site.url() + "/events");
        int number = 0;
        while (const auto event = co_await news.next()) EXPECT_EQ(event->id, std::to_string(++number));
        EXPECT_EQ(number, 9);
        co_await client.close();
    });
}

TEST(squid, opens_tunnels) {
    const squid proxy;
    const certificates of;
    nginx site(of);
    write_pages(site.www(), pages);
    const std::string large = noise(3 << 20);
    write_file(site.www() / "large", large);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy(proxy.url()).ca_file(of.authority()));
        co_await read_pages(client, site.tls_url(), large);
        expect_connections(client, 1, 1);
        const auto [error, took] = co_await failure_of<http::tls_error>(get(client, site.expired_url() + "/hop/0"));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->reason(), "certificate has expired");
        co_await client.close();
    });
    EXPECT_TRUE(notes(proxy, "CONNECT " + site.tls_url().substr(8) + " ")) << proxy.log();
    EXPECT_FALSE(contains(proxy.log(), "GET")) << proxy.log();
}

TEST(squid, what_a_tunnel_does_not_reach) {
    const squid proxy;
    in_real_time([&]() -> brio::awaitable<> {
        const std::string closed = "https://localhost:" + std::to_string(free_port()) + "/";
        const std::optional<http::proxy_error> nobody = co_await refusal(http::session_options().proxy(proxy.url()), closed);
        BRIO_ASSERT_TRUE(nobody.has_value());
        EXPECT_EQ(nobody->status(), 503U);
        EXPECT_EQ(nobody->phase(), http::phase::proxy);
        EXPECT_TRUE(contains(nobody->text(), "ERR_CONNECT_FAIL") || contains(nobody->text(), "<html>")) << nobody->text();
        EXPECT_EQ(nobody->url(), closed);
        const std::optional<http::proxy_error> forbidden =
            co_await refusal(http::session_options().proxy(proxy.url()), "https://localhost:1/");
        BRIO_ASSERT_TRUE(forbidden.has_value());
        EXPECT_EQ(forbidden->status(), 403U);
    });
}

TEST(squid, H_109_asks_for_a_password) {
    const squid proxy(squid::access::password);
    const certificates of;
    nginx secure(of);
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy(proxy.url(ada)).ca_file(of.authority()));
        const http::response plain = co_await client.get(site.url() + "/headers");
        EXPECT_EQ(plain.status(), 200U);
        EXPECT_FALSE(contains(plain.body(), "Proxy-Authorization")) << plain.body();
        const http::response tunnelled = co_await client.get(secure.tls_url() + "/hop/1");
        EXPECT_EQ(tunnelled.body(), "arrived");
        co_await client.close();

        http::session stranger(http::session_options().proxy(proxy.url()));
        const http::response refused = co_await stranger.get(site.url() + "/headers");
        EXPECT_EQ(refused.status(), 407U);
        EXPECT_EQ(refused.header("Proxy-Authenticate"), "Basic realm=\"brio\"");
        co_await stranger.close();

        for (const std::string user : {"", "ada:abracadabra@", "bob:open%20sesame@"}) {
            const std::optional<http::proxy_error> error =
                co_await refusal(http::session_options().proxy(proxy.url(user)).ca_file(of.authority()), secure.tls_url() + "/hop/0");
            BRIO_ASSERT_TRUE(error.has_value());
            EXPECT_EQ(error->status(), 407U) << user;
            EXPECT_TRUE(contains(error->what(), "user name and a password")) << error->what();
            EXPECT_FALSE(contains(error->what(), "abracadabra")) << error->what();
        }
    });
}

TEST(squid, the_way_to_it_may_be_encrypted) {
    const certificates of;
    const squid proxy(of, squid::access::password);
    nginx site(of);
    write_pages(site.www(), pages);
    const std::string large = noise(3 << 20);
    write_file(site.www() / "large", large);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy(proxy.tls_url(ada)).ca_file(of.authority()));
        co_await read_pages(client, site.url(), large);
        co_await read_pages(client, site.tls_url(), large); // TLS inside TLS
        expect_connections(client, 2, 2);
        co_await client.close();
        http::session doubtful(http::session_options().proxy(proxy.tls_url(ada)).ca_file(of.other_authority()));
        const auto [error, took] = co_await failure_of<http::tls_error>(get(doubtful, site.url() + "/hop/0"));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_TRUE(contains(error->what(), "ca_file")) << error->what();
        co_await doubtful.close();
    });
    EXPECT_TRUE(notes(proxy, "GET " + site.url() + "/large 200")) << proxy.log();
    EXPECT_TRUE(notes(proxy, "CONNECT " + site.tls_url().substr(8) + " ")) << proxy.log();
}

TEST(squid, a_proxy_that_is_not_there) {
    in_real_time([]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy("http://127.0.0.1:" + std::to_string(free_port())));
        const auto [error, took] = co_await failure_of<http::connect_error>(get(client, "http://site.test/"));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->phase(), http::phase::proxy);
        co_await client.close();
    });
}

TEST(socks, both_ways_to_look_names_up) {
    const socks_server proxy;
    const certificates of;
    nginx site(of);
    write_pages(site.www(), pages);
    const std::string large = noise(3 << 20);
    write_file(site.www() / "large", large);
    const std::string named = "http://localhost:" + port_of(site.url());
    in_real_time([&]() -> brio::awaitable<> {
        for (const std::string scheme : {"socks5", "socks5h"}) {
            http::session client(http::session_options().proxy(proxy.url(scheme)).ca_file(of.authority()));
            co_await read_pages(client, site.url(), large);
            expect_connections(client, 1, 1);
            co_await read_pages(client, named, large);
            co_await read_pages(client, site.tls_url(), large);
            expect_connections(client, 3, 3);
            co_await client.close();
        }
    });
    EXPECT_TRUE(notes(proxy, "connected to localhost:" + port_of(named))) << proxy.log();
    EXPECT_TRUE(notes(proxy, "connected to 127.0.0.1:" + port_of(named))) << proxy.log();
}

TEST(socks, asks_for_a_password) {
    const socks_server proxy(socks_server::access::password);
    const node site;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().proxy(proxy.url("socks5h", ada)));
        const http::response answer = co_await client.get(site.url() + "/headers");
        EXPECT_EQ(answer.status(), 200U);
        EXPECT_FALSE(contains(answer.body(), "Proxy-Authorization")) << answer.body();
        expect_connections(client, 1, 1);
        co_await client.close();
        for (const std::string user : {"", "ada:abracadabra@"}) {
            const std::optional<http::proxy_error> error =
                co_await refusal(http::session_options().proxy(proxy.url("socks5h", user)), site.url() + "/headers");
            BRIO_ASSERT_TRUE(error.has_value());
            EXPECT_EQ(error->status(), 0U);
            EXPECT_TRUE(contains(error->what(), "password")) << error->what();
            EXPECT_FALSE(contains(error->what(), "abracadabra")) << error->what();
        }
    });
}

TEST(socks, what_it_does_not_reach) {
    const socks_server proxy;
    in_real_time([&]() -> brio::awaitable<> {
        const std::string closed = "http://127.0.0.1:" + std::to_string(free_port()) + "/";
        const std::optional<http::proxy_error> nobody = co_await refusal(http::session_options().proxy(proxy.url("socks5h")), closed);
        BRIO_ASSERT_TRUE(nobody.has_value());
        EXPECT_TRUE(contains(nobody->what(), "refused")) << nobody->what();
    });
}
