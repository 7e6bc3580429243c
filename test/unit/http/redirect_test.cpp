// SPDX-License-Identifier: BSL-1.0
// Redirects as the servers on the way see them.
#include "http/deflated.hpp"
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string moved(const std::string& status, const std::string& location, const std::string& body = "") {
    return answer(status, body, "Location: " + location + "\r\n");
}
std::string first_line(const std::string& request) { return request.substr(0, request.find("\r\n")); }

}  // namespace

BRIO_TEST_REAL_TIME(redirect, is_followed_with_history_on_one_connection) {
    scripted_server server(paths({{"/a", moved("301 Moved", "b?x=1", "old page")}, {"/b?x=1", moved("307 There", "/c#part")}, {"/c", ok("end")}}));
    http::session s;
    const http::response r = co_await s.get(server.url("/a"));
    EXPECT_EQ(r.body(), "end");
    EXPECT_EQ(r.url().target(), "/c");
    BRIO_ASSERT_EQ(r.history().size(), 2u);
    EXPECT_EQ(r.history()[0].status, 301u);
    EXPECT_EQ(r.history()[0].url.str(), server.url("/a"));
    EXPECT_EQ(r.history()[0].location, "b?x=1");
    EXPECT_EQ(r.history()[1].url.target(), "/b?x=1");
    EXPECT_EQ(server.connections(), 1u) << "bodies on the way are drained";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(redirect, method_rules_on_the_wire) {
    struct rule {
        const char* status;
        const char* method;
        const char* then;
        bool body;
    };
    for (const rule& one : {rule{"301 M", "POST", "GET", false}, rule{"302 M", "POST", "GET", false}, rule{"303 M", "PUT", "GET", false},
                            rule{"303 M", "HEAD", "HEAD", false}, rule{"307 M", "POST", "POST", true}, rule{"308 M", "PUT", "PUT", true},
                            rule{"302 M", "PUT", "PUT", true}}) {
        const bool head = one.method == std::string("HEAD");
        scripted_server server(paths({{"/", moved(one.status, "/next")}, {"/next", ok("")}}));
        http::session s;
        http::options opts;
        if (!head) opts.body("payload").header("Content-Type", "text/x");
        co_await s.request(one.method, server.url(), opts);
        const std::string& sent = server.requests().at(1);
        EXPECT_EQ(first_line(sent), std::string(one.then) + " /next HTTP/1.1") << one.status;
        EXPECT_EQ(contains(sent, "payload"), one.body) << one.status << " " << one.method;
        EXPECT_EQ(contains(sent, "Content-Type"), one.body);
        EXPECT_EQ(contains(sent, "Content-Length"), one.body) << sent;
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(redirect, H_069_the_eleventh_redirect_is_an_error_with_the_history) {
    scripted_server loop(always(moved("302 Found", "/")));
    http::session s;
    const auto e = co_await error_of<http::too_many_redirects>(s.get(loop.url()));
    EXPECT_EQ(loop.requests().size(), 11u);
    EXPECT_TRUE(contains(text_of(e), "10 redirects")) << e.what();
    EXPECT_EQ(e.phase(), http::phase::redirect);
    co_await loop.stop();

    scripted_server ten([](peer& client) -> brio::awaitable<> {
        for (int i = 0; i < 10; ++i) {
            co_await client.request();
            co_await client.send(moved("302 Found", "/" + std::to_string(i)));
        }
        co_await client.request();
        co_await client.send(ok("there"));
    });
    const http::response r = co_await s.get(ten.url());
    EXPECT_EQ(r.body(), "there");
    EXPECT_EQ(r.history().size(), 10u);
    co_await ten.stop();
}

BRIO_TEST_REAL_TIME(redirect, zero_hands_the_answer_out) {
    scripted_server server(always(moved("302 Found", "/x", "look there")));
    http::session s(http::session_options().redirects(0));
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.status(), 302u);
    EXPECT_EQ(r.header("Location"), "/x");
    EXPECT_EQ(r.body(), "look there");
    EXPECT_TRUE(r.ok());
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(redirect, H_070_073_credentials_do_not_cross_origins_and_do_not_come_back) {
    scripted_server other(paths({{"/stay", ok("")}}));
    scripted_server home(paths({{"/away", moved("302 Found", other.url("/stay"))}, {"/near", moved("302 Found", "/here")}, {"/here", ok("")}}));
    http::session s;
    http::options opts;
    opts.header("Cookie", "c=1").header("Proxy-Authorization", "p").header("X-Plain", "x").header("Authorization", "Bearer canary");
    co_await s.get(home.url("/away"), opts);
    const std::string& crossed = other.requests().at(0);
    for (const char* gone : {"Cookie:", "Proxy-Authorization", "canary", "\r\nAuthorization"}) EXPECT_FALSE(contains(crossed, gone)) << crossed;
    EXPECT_TRUE(contains(crossed, "X-Plain: x"));
    co_await s.get(home.url("/near"), opts);
    EXPECT_TRUE(contains(home.requests().at(2), "canary")) << "the same origin keeps them";
    EXPECT_TRUE(contains(home.requests().at(2), "Cookie: c=1"));
    co_await s.get("http://ada:pw@" + home.authority() + "/away");
    EXPECT_FALSE(contains(other.requests().at(1), "Basic"));
    co_await s.get("http://ada:pw@" + home.authority() + "/near");
    EXPECT_TRUE(contains(home.requests().back(), "Authorization: Basic"));
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(redirect, H_070_there_and_back_again_without_credentials) {
    std::string home_url;
    scripted_server other([&home_url](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(moved("302 Found", home_url));
        co_await client.until_closed();
    });
    scripted_server home(paths({{"/start", moved("302 Found", other.url())}, {"/end", ok("")}}));
    home_url = home.url("/end");
    http::session s;
    const http::response r = co_await s.get(home.url("/start"), http::options().header("Authorization", "canary"));
    EXPECT_EQ(r.history().size(), 2u);
    EXPECT_FALSE(contains(home.requests().at(1), "canary"));
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(redirect, H_073_userinfo_of_a_location_is_ignored) {
    scripted_server other(always(ok("")));
    scripted_server home(always(moved("302 Found", "http://evil:pw@" + other.authority() + "/x")));
    http::session s;
    const http::response r = co_await s.get(home.url());
    EXPECT_FALSE(contains(other.requests().at(0), "Authorization"));
    EXPECT_EQ(r.url().str(), other.url("/x"));
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(redirect, to_another_scheme_is_refused) {
    for (const char* to : {"ftp://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "http://[::1", ""}) {
        scripted_server server(always(moved("302 Found", to)));
        http::session s;
        if (std::string(to).empty()) {
            co_await error_of<http::too_many_redirects>(s.get(server.url(), http::options().redirects(1)));
        } else {
            const auto e = co_await error_of<http::error>(s.get(server.url()));
            EXPECT_TRUE(e.phase() == http::phase::redirect || e.phase() == http::phase::url) << to << ": " << e.what();
        }
        EXPECT_LE(s.stats().open, 1u);
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(redirect, H_076_303_after_a_put_sends_no_body_headers) {
    scripted_server server(paths({{"/", moved("303 See", "/r")}, {"/r", ok("")}}));
    http::session s;
    http::options opts;
    opts.body("xyz").header("Content-Type", "a/b").header("Content-Language", "de");
    co_await s.put(server.url(), opts);
    const std::string& sent = server.requests().at(1);
    EXPECT_FALSE(contains(sent, "Content-")) << sent;
    EXPECT_TRUE(sent.ends_with("\r\n\r\n"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(redirect, H_077_what_is_no_redirect_is_returned_as_it_is) {
    for (const char* status : {"300 Choices", "304 Same", "305 Proxy", "306 Unused"}) {
        scripted_server server(always(moved(status, "/elsewhere")));
        http::session s;
        const http::response r = co_await s.get(server.url());
        EXPECT_EQ(std::to_string(r.status()), std::string(status).substr(0, 3));
        EXPECT_EQ(server.requests().size(), 1u);
        co_await server.stop();
    }
    scripted_server bare(always(answer("302 Found", "no location", "Refresh: 0; url=/x\r\n")));
    http::session s;
    const http::response r = co_await s.get(bare.url());
    EXPECT_EQ(r.status(), 302u);
    EXPECT_EQ(r.body(), "no location");
    co_await bare.stop();
}

BRIO_TEST_REAL_TIME(redirect, H_063_a_bomb_on_the_way_is_never_decoded) {
    const std::string bomb = gzip_of(std::string(30'000'000, '\0'));
    scripted_server server(paths({{"/", answer("302 Found", bomb, "Location: /end\r\nContent-Encoding: gzip\r\n")}, {"/end", ok("end")},
                                  {"/garbage", answer("302 Found", "not gzip", "Location: /end\r\nContent-Encoding: gzip\r\n")}}));
    http::session s(http::session_options().max_body(1000));
    const http::response r = co_await s.get(server.url());
    EXPECT_EQ(r.body(), "end");
    const http::response g = co_await s.get(server.url("/garbage"));
    EXPECT_EQ(g.body(), "end");
    co_await server.stop();
}

// Whatever becomes of the body of a redirect, its head has said where to go.
BRIO_TEST_REAL_TIME(redirect, a_broken_or_large_body_on_the_way_costs_only_its_connection) {
    for (const std::string& tail :
         {std::string("Content-Length: 1000000\r\n\r\nabc"), std::string("Content-Length: 10\r\n\r\nabc"),
          std::string("Transfer-Encoding: chunked\r\n\r\nzzz\r\n"), std::string("Content-Length: 11\r\n\r\nstalls"), std::string("RESET")}) {
        scripted_server server([&tail](peer& client) -> brio::awaitable<> {
            co_await client.request();
            if (client.index > 0) {
                co_await client.send(ok("end"));
                co_await client.until_closed();
            } else if (tail == "RESET") {
                co_await client.send("HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 10\r\n\r\nabc");
                co_await brio::sleep(20ms);
                client.reset();
            } else {
                co_await client.send("HTTP/1.1 302 Found\r\nLocation: /end\r\n" + tail);
                if (tail.ends_with("stalls")) co_await client.until_closed();
            }
        });
        http::session s(http::session_options().timeout(5s));
        const http::response r = co_await s.get(server.url());
        EXPECT_EQ(r.body(), "end") << tail;
        EXPECT_EQ(server.connections(), 2u);
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(redirect, streams_follow_too) {
    scripted_server server(paths({{"/", moved("302 Found", "/end")}, {"/end", ok("streamed")}}));
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    EXPECT_EQ(r.history().size(), 1u);
    EXPECT_EQ(r.url().str(), server.url("/end"));
    const std::string body = co_await r.read();
    EXPECT_EQ(body, "streamed");
    co_await server.stop();
}
