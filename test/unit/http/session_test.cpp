// SPDX-License-Identifier: BSL-1.0
// What a session puts on the wire: request lines, headers, base URL, credentials of the URL.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string line(const std::string& request) { return request.substr(0, request.find("\r\n")); }
std::string host_line(const scripted_server& server) { return "Host: " + server.authority() + "\r\n"; }
const std::string agent_line =
    "User-Agent: brio/" + std::to_string(BRIO_VERSION_MAJOR) + "." + std::to_string(BRIO_VERSION_MINOR) + "\r\n";

}  // namespace

BRIO_TEST_REAL_TIME(session, every_verb_is_sent_as_it_is) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.get(server.url("/a"));
    co_await s.head(server.url("/b"));
    co_await s.post(server.url("/c"));
    co_await s.put(server.url("/d"));
    co_await s.patch(server.url("/e"));
    co_await s.del(server.url("/f"));
    co_await s.request("OPTIONS", server.url("/g"));
    co_await s.request("PURGE-it", server.url("/h"));
    std::vector<std::string> lines;
    for (const std::string& request : server.requests()) lines.push_back(line(request));
    const std::vector<std::string> wanted{"GET /a HTTP/1.1",   "HEAD /b HTTP/1.1",   "POST /c HTTP/1.1",    "PUT /d HTTP/1.1",
                                          "PATCH /e HTTP/1.1", "DELETE /f HTTP/1.1", "OPTIONS /g HTTP/1.1", "PURGE-it /h HTTP/1.1"};
    EXPECT_EQ(lines, wanted);
    EXPECT_EQ(server.connections(), 1u) << "one connection serves them all";
    co_await server.stop();
}

// Methods are case-sensitive; only the names of fetch are normalised.
BRIO_TEST_REAL_TIME(session, known_methods_are_put_in_upper_case_and_others_are_not) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.request("get", server.url());
    co_await s.request("purge", server.url());
    EXPECT_EQ(line(server.requests().at(0)), "GET / HTTP/1.1");
    EXPECT_EQ(line(server.requests().at(1)), "purge / HTTP/1.1");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, a_plain_get_sends_host_first_and_four_automatic_headers) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.get(server.url("/x?y=1"));
    const std::string& sent = server.requests().at(0);
    const std::string begin = "GET /x?y=1 HTTP/1.1\r\n" + host_line(server) + agent_line + "Accept: */*\r\nAccept-Encoding: gzip, deflate";
    EXPECT_EQ(sent.substr(0, begin.size()), begin);
    EXPECT_FALSE(contains(sent, "Content-Length"));
    EXPECT_FALSE(contains(sent, "Referer"));
    EXPECT_FALSE(contains(sent, "Connection"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, headers_keep_order_and_spelling) {
    scripted_server server(always(ok("")));
    http::session s;
    http::options opts;
    opts.header("X-b", "1").header("x-A", "2").header("X-b", "3").header("User-Agent", "me");
    co_await s.get(server.url(), opts);
    const std::string& sent = server.requests().at(0);
    EXPECT_TRUE(contains(sent, "X-b: 1\r\nx-A: 2\r\nX-b: 3\r\nUser-Agent: me\r\n")) << sent;
    EXPECT_FALSE(contains(sent, "brio/"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, automatic_headers_can_be_suppressed_one_by_one) {
    scripted_server server(always(ok("")));
    http::session s;
    http::options opts;
    opts.header("user-agent", "").header("ACCEPT", "").header("Accept-Encoding", "");
    co_await s.get(server.url(), opts);
    EXPECT_EQ(server.requests().at(0), "GET / HTTP/1.1\r\n" + host_line(server) + "\r\n");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, an_empty_automatic_header_of_the_session_suppresses_too) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().header("User-Agent", "").header("Accept", ""));
    co_await s.get(server.url());
    EXPECT_FALSE(contains(server.requests().at(0), "User-Agent")) << server.requests().at(0);
    EXPECT_FALSE(contains(server.requests().at(0), "Accept:"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, a_call_suppresses_what_the_session_sets) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().header("User-Agent", "session"));
    http::options opts;
    opts.header("User-Agent", "");
    co_await s.get(server.url(), opts);
    EXPECT_FALSE(contains(server.requests().at(0), "User-Agent")) << server.requests().at(0);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, default_headers_of_one_name_are_all_sent) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().header("X-Tag", "one").header("X-Tag", "two").user_agent("agent 7"));
    co_await s.get(server.url());
    EXPECT_TRUE(contains(server.requests().at(0), "X-Tag: one\r\nX-Tag: two\r\n")) << server.requests().at(0);
    EXPECT_TRUE(contains(server.requests().at(0), "User-Agent: agent 7\r\n"));
    co_await s.get(server.url(), http::options().header("x-tag", "mine"));
    EXPECT_TRUE(contains(server.requests().at(1), "x-tag: mine\r\n"));
    EXPECT_FALSE(contains(server.requests().at(1), "X-Tag: one")) << "the call's own header replaces the default";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, host_can_be_overridden_and_stays_first) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.get(server.url(), http::options().header("X-First", "1").header("Host", "other.example"));
    EXPECT_TRUE(server.requests().at(0).starts_with("GET / HTTP/1.1\r\nHost: other.example\r\n"));
    EXPECT_FALSE(contains(server.requests().at(0), "127.0.0.1"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, query_parameters_are_appended_in_order_and_encoded) {
    scripted_server server(always(ok("")));
    http::session s;
    http::options opts;
    opts.query("q", "a b&c").query("q", "ü+").query("empty", "");
    co_await s.get(server.url("/p?have=1#part"), opts);
    EXPECT_EQ(line(server.requests().at(0)), "GET /p?have=1&q=a%20b%26c&q=%C3%BC%2B&empty= HTTP/1.1");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, urls_are_resolved_against_the_base) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().base_url(server.url("/api/v1/")));
    co_await s.get("users/7");
    co_await s.get("/root");
    co_await s.get("../v2/x");
    co_await s.get("?page=2");
    co_await s.get(server.url("/absolute"));
    std::vector<std::string> lines;
    for (const std::string& request : server.requests()) lines.push_back(line(request));
    const std::vector<std::string> wanted{"GET /api/v1/users/7 HTTP/1.1", "GET /root HTTP/1.1", "GET /api/v2/x HTTP/1.1",
                                          "GET /api/v1/?page=2 HTTP/1.1", "GET /absolute HTTP/1.1"};
    EXPECT_EQ(lines, wanted);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, a_base_url_without_a_slash_at_its_end_is_refused) {
    EXPECT_THROW(http::session(http::session_options().base_url("http://h.example/v1")), http::invalid_url);
    EXPECT_NO_THROW(http::session(http::session_options().base_url("http://h.example")));
    http::session s;
    const auto e = co_await error_of<http::invalid_url>(s.get("/relative"));
    EXPECT_EQ(e.phase(), http::phase::url);
}

BRIO_TEST_REAL_TIME(session, H_011_default_headers_go_to_the_origin_of_the_base_only) {
    scripted_server home(always(ok("")));
    scripted_server other(always(ok("")));
    http::session s(http::session_options().base_url(home.url()).header("X-Key", "canary"));
    co_await s.get("own");
    co_await s.get(other.url());
    co_await s.get("//" + other.authority() + "/switched");
    EXPECT_TRUE(contains(home.requests().at(0), "X-Key: canary"));
    EXPECT_FALSE(contains(other.requests().at(0), "canary"));
    EXPECT_FALSE(contains(other.requests().at(1), "canary"));
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(session, H_073_default_headers_do_not_follow_a_redirect_away_from_the_base) {
    scripted_server other(always(ok("")));
    scripted_server home(always(answer("302 Found", "", "Location: " + other.url("/x") + "\r\n")));
    http::session s(http::session_options().base_url(home.url()).header("X-Key", "canary"));
    co_await s.get("go", http::options().header("X-Mine", "stays"));
    EXPECT_TRUE(contains(home.requests().at(0), "X-Key: canary"));
    EXPECT_FALSE(contains(other.requests().at(0), "canary")) << other.requests().at(0);
    EXPECT_TRUE(contains(other.requests().at(0), "X-Mine: stays"));
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(session, default_headers_without_a_base_go_everywhere) {
    scripted_server one(always(ok("")));
    scripted_server two(always(ok("")));
    http::session s(http::session_options().header("X-Key", "v"));
    co_await s.get(one.url());
    co_await s.get(two.url());
    EXPECT_TRUE(contains(one.requests().at(0), "X-Key: v"));
    EXPECT_TRUE(contains(two.requests().at(0), "X-Key: v"));
    co_await one.stop();
    co_await two.stop();
}

BRIO_TEST_REAL_TIME(session, user_and_password_of_the_url_become_basic_and_nothing_else) {
    scripted_server server(always(ok("hello")));
    http::session s;
    const http::response r = co_await s.get("http://ada:p%40ss@" + server.authority() + "/x");
    EXPECT_TRUE(contains(server.requests().at(0), "Authorization: Basic YWRhOnBAc3M=\r\n")) << server.requests().at(0);
    EXPECT_TRUE(contains(server.requests().at(0), host_line(server)));
    EXPECT_EQ(r.url().str(), server.url("/x"));
    EXPECT_FALSE(r.url().has_userinfo());
    const auto twice = co_await error_of<http::invalid_request>(
        s.get("http://ada:pw@" + server.authority() + "/", http::options().header("Authorization", "Bearer t")));
    EXPECT_TRUE(contains(text_of(twice), "Authorization"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, H_001_002_a_bad_method_is_refused_before_connecting) {
    scripted_server server(always(ok("")));
    http::session s;
    for (const std::string& method : {std::string("GET / HTTP/1.1\r\nX: y"), std::string(), std::string("GE T"), std::string("G\0ET", 4),
                                     std::string("GET:")}) {
        const auto e = co_await error_of<http::invalid_request>(s.request(method, server.url()));
        EXPECT_EQ(e.phase(), http::phase::request);
    }
    EXPECT_EQ(server.connections(), 0u);
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, H_008_010_contradicting_lengths_are_refused_and_nothing_is_written) {
    scripted_server server(always(ok("")));
    http::session s;
    const auto length = co_await error_of<http::invalid_request>(s.post(server.url(), http::options().body("12345").header("Content-Length", "4")));
    EXPECT_TRUE(contains(text_of(length), "5 bytes")) << length.what();
    co_await error_of<http::invalid_request>(s.post(server.url(), http::options().body("x").header("Transfer-Encoding", "gzip")));
    http::options two;
    two.body("x").header("Content-Length", "1").header("content-length", "1");
    co_await error_of<http::invalid_request>(s.post(server.url(), two));
    EXPECT_TRUE(server.requests().empty());
    co_await s.get(server.url());
    EXPECT_EQ(server.requests().size(), 1u) << "the session goes on";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, other_schemes_are_refused) {
    http::session s;
    co_await error_of<http::invalid_url>(s.get("ftp://127.0.0.1/"));
    co_await error_of<http::invalid_url>(s.get("file:///etc/passwd"));
}

BRIO_TEST_REAL_TIME(session, a_connection_is_reused_and_counted) {
    scripted_server server(always(ok("x")));
    http::session s;
    for (int i = 0; i < 5; ++i) co_await s.get(server.url());
    const http::session_stats now = s.stats();
    EXPECT_EQ(now.created, 1u);
    EXPECT_EQ(now.reused, 4u);
    EXPECT_EQ(now.open, 1u);
    EXPECT_EQ(now.idle, 1u);
    EXPECT_EQ(now.waiting, 0u);
    EXPECT_EQ(server.connections(), 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, a_caller_that_asks_to_close_gets_its_connection_closed) {
    scripted_server server(always(ok("x")));
    http::session s;
    co_await s.get(server.url(), http::options().header("Connection", "close"));
    EXPECT_EQ(s.stats().idle, 0u);
    co_await s.get(server.url());
    EXPECT_EQ(server.connections(), 2u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(session, may_be_moved) {
    scripted_server server(always(ok("x")));
    http::session first;
    co_await first.get(server.url());
    http::session second(std::move(first));
    co_await second.get(server.url());
    EXPECT_EQ(server.connections(), 1u);
    http::session third;
    co_await third.get(server.url());
    third = std::move(second);
    co_await third.get(server.url());
    EXPECT_EQ(server.connections(), 2u);
    co_await server.stop();
}
