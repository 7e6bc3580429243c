// SPDX-License-Identifier: BSL-1.0
// Cookies as the servers see them.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string cookies_of(const std::string& request) {
    const std::string name = "\r\nCookie: ";
    const std::size_t at = request.find(name);
    if (at == request.npos) return "none";
    if (request.find(name, at + 1) != request.npos) return "two headers";
    return request.substr(at + name.size(), request.find("\r\n", at + name.size()) - at - name.size());
}
std::string sets(const std::string& cookie, const std::string& more = "") { return "Set-Cookie: " + cookie + "\r\n" + more; }

}  // namespace

BRIO_TEST_REAL_TIME(cookies, a_session_keeps_them) {
    scripted_server server(paths({{"/login", ok("", sets("id=7; Path=/") + sets("theme=dark"))}, {"/page", ok("")}, {"/logout", ok("", sets("id=; Max-Age=0; Path=/"))}}));
    http::session s;
    co_await s.get(server.url("/login"));
    co_await s.get(server.url("/page"));
    EXPECT_EQ(cookies_of(server.requests().at(0)), "none");
    EXPECT_EQ(cookies_of(server.requests().at(1)), "id=7; theme=dark");
    co_await s.get(server.url("/logout"));
    co_await s.get(server.url("/page"));
    EXPECT_EQ(cookies_of(server.requests().at(3)), "theme=dark");
    EXPECT_EQ(s.cookies()->size(), 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(cookies, streams_keep_them_too) {
    scripted_server server(always(ok("x", sets("id=7"))));
    http::session s;
    http::streaming_response r = co_await s.stream("GET", server.url());
    EXPECT_EQ(s.cookies()->size(), 1u);
    EXPECT_EQ(co_await r.read(), "x");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(cookies, jars_are_shared_or_not_there) {
    scripted_server server(always(ok("", sets("id=7"))));
    http::cookie_jar jar;
    http::session one(http::session_options().cookies(jar));
    http::session two(http::session_options().cookies(jar));
    http::session apart;
    http::session without(http::session_options().no_cookies());
    co_await one.get(server.url());
    co_await two.get(server.url());
    co_await apart.get(server.url());
    co_await without.get(server.url());
    co_await without.get(server.url());
    EXPECT_EQ(cookies_of(server.requests().at(1)), "id=7");
    for (const std::size_t i : {2u, 3u, 4u}) EXPECT_EQ(cookies_of(server.requests().at(i)), "none");
    EXPECT_TRUE(one.cookies() == jar && !without.cookies());
    const http::session_options shared = http::session_options().timeout(5s);
    EXPECT_FALSE(http::session(shared).cookies() == http::session(shared).cookies()) << "options that name no jar give each its own";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(cookies, H_125_set_on_a_redirect_they_belong_to_that_hop) {
    scripted_server other(paths({{"/in", answer("302 Found", "", sets("there=2", "Location: /end\r\n"))}, {"/end", ok("")}}));
    scripted_server home(paths({{"/a/start", answer("302 Found", "", sets("here=1; Path=/") + sets("deep=1", "Location: /b\r\n"))},
                                {"/b", answer("302 Found", "", "Location: " + other.url("/in") + "\r\n")}}));
    http::session s(http::session_options().cookies(http::cookie_jar()));
    co_await s.get(home.url("/a/start"));
    EXPECT_EQ(cookies_of(home.requests().at(1)), "here=1");
    EXPECT_EQ(cookies_of(other.requests().at(0)), "here=1") << "cookies know no ports (RFC 6265 section 8.5)";
    EXPECT_EQ(cookies_of(other.requests().at(1)), "here=1; there=2");
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(cookies, deleted_on_a_redirect_they_are_not_sent_again) {
    scripted_server server(paths({{"/set", ok("", sets("id=7; Path=/"))},
                                  {"/out", answer("302 Found", "", sets("id=; Max-Age=0; Path=/", "Location: /page\r\n"))},
                                  {"/page", ok("")}}));
    http::session s;
    co_await s.get(server.url("/set"));
    co_await s.get(server.url("/out"));
    EXPECT_EQ(cookies_of(server.requests().at(1)), "id=7");
    EXPECT_EQ(cookies_of(server.requests().at(2)), "none");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(cookies, H_073_those_of_a_call_do_not_travel) {
    scripted_server other(always(ok("")), "127.0.0.2");
    scripted_server home(paths({{"/set", ok("", sets("jar=1; Path=/") + sets("mine=no; Path=/"))},
                                {"/away", answer("302 Found", "", "Location: " + other.url() + "\r\n")},
                                {"/near", answer("302 Found", "", "Location: /page\r\n")},
                                {"/page", ok("")}}));
    http::session s;
    co_await s.get(home.url("/set"));
    co_await s.get(home.url("/page"), http::options().cookie("mine", "yes").cookie("more", "2"));
    EXPECT_EQ(cookies_of(home.requests().back()), "mine=yes; more=2; jar=1");
    co_await s.get(home.url("/near"), http::options().header("cookie", "a=1").header("Cookie", "b=2").cookie("c", "3"));
    EXPECT_TRUE(contains(home.requests().back(), "\r\ncookie: a=1; b=2; c=3; jar=1; mine=no\r\n")) << home.requests().back();
    co_await s.get(home.url("/away"), http::options().cookie("mine", "yes").header("X-Plain", "1"));
    EXPECT_TRUE(contains(other.requests().at(0), "X-Plain"));
    EXPECT_EQ(cookies_of(other.requests().at(0)), "none");
    co_await s.get(home.url("/page"));
    EXPECT_EQ(cookies_of(home.requests().back()), "jar=1; mine=no") << "nor do they stay";
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(cookies, H_006_a_cookie_that_would_break_out_is_refused) {
    for (const char* bad : {"a\r\nX: y", "a;b", "a\nb", "\x7F", "a\x01"}) {
        EXPECT_THROW(http::options().cookie("n", bad), http::invalid_request) << bad;
        EXPECT_THROW(http::options().cookie(bad, "v"), http::invalid_request) << bad;
    }
    EXPECT_THROW(http::options().cookie("", "v"), http::invalid_request);
    EXPECT_THROW(http::options().cookie("a=b", "v"), http::invalid_request);
    co_return;
}

BRIO_TEST_REAL_TIME(cookies, H_121_of_hostile_numbers_never_fail_a_request) {
    std::string many;
    for (int i = 0; i < 100; ++i) many += sets("n" + std::to_string(i) + "=" + std::string(300, 'v'));
    scripted_server server(always(ok("fine", many + sets("big=" + std::string(5000, 'v')) + sets("bad=\tx; Domain=com"))));
    http::session s;
    for (int i = 0; i < 3; ++i) {
        const http::response r = co_await s.get(server.url());
        EXPECT_EQ(r.body(), "fine");
    }
    EXPECT_EQ(s.cookies()->size(), 48u) << "the last fifty of an answer, two of which are void";
    EXPECT_LE(cookies_of(server.requests().back()).size(), 8190u);
    EXPECT_TRUE(contains(cookies_of(server.requests().back()), "n99="));
    co_await server.stop();
}
