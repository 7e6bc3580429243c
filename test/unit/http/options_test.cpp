// SPDX-License-Identifier: BSL-1.0
// Bodies of requests, and which option wins.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/json/value.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

}  // namespace

BRIO_TEST_REAL_TIME(options, bytes_are_sent_as_they_are) {
    scripted_server server(always(ok("")));
    http::session s;
    const std::string bytes("\0\r\n\xff" "end", 7);
    co_await s.post(server.url(), http::options().body(bytes));
    EXPECT_EQ(body_of(server.requests().at(0)), bytes);
    EXPECT_TRUE(contains(server.requests().at(0), "Content-Length: 7\r\n"));
    EXPECT_FALSE(contains(server.requests().at(0), "Content-Type"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(options, an_empty_body_is_announced_for_methods_that_have_one) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.post(server.url());
    co_await s.put(server.url());
    co_await s.patch(server.url());
    co_await s.del(server.url());
    co_await s.post(server.url(), http::options().body(""));
    for (const std::size_t i : {0u, 1u, 2u, 4u}) EXPECT_TRUE(contains(server.requests().at(i), "Content-Length: 0\r\n")) << i;
    EXPECT_FALSE(contains(server.requests().at(3), "Content-Length"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(options, text_json_and_form_set_their_type_unless_one_is_given) {
    scripted_server server(always(ok("")));
    http::session s;
    boost::json::value user = {{"name", "Ada"}, {"admin", true}};
    co_await s.post(server.url(), http::options().text("grüße"));
    co_await s.post(server.url(), http::options().json(user));
    http::options form;
    form.form("a b", "1+1").form("c", "ü&");
    co_await s.post(server.url(), form);
    http::options typed;
    typed.json(user).header("content-type", "application/vnd.x+json");
    co_await s.post(server.url(), typed);
    const auto& sent = server.requests();
    EXPECT_TRUE(contains(sent.at(0), "Content-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_EQ(body_of(sent.at(0)), "grüße");
    EXPECT_TRUE(contains(sent.at(1), "Content-Type: application/json\r\n"));
    EXPECT_EQ(body_of(sent.at(1)), R"({"name":"Ada","admin":true})");
    EXPECT_TRUE(contains(sent.at(2), "Content-Type: application/x-www-form-urlencoded\r\n"));
    EXPECT_EQ(body_of(sent.at(2)), "a+b=1%2B1&c=%C3%BC%26");
    EXPECT_TRUE(contains(sent.at(3), "content-type: application/vnd.x+json\r\n"));
    EXPECT_FALSE(contains(sent.at(3), "Content-Type: application/json"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(options, a_form_and_a_body_exclude_each_other) {
    http::session s;
    http::options both;
    both.form("a", "b").body("c");
    const auto e = co_await error_of<http::invalid_request>(s.post("http://127.0.0.1:1/", both));
    EXPECT_EQ(e.phase(), http::phase::request);
}

BRIO_TEST_REAL_TIME(options, a_large_body_arrives_whole) {
    scripted_server server(always(ok("got it")));
    http::session s;
    std::string bytes(3 * 1024 * 1024 + 7, 'x');
    for (std::size_t i = 0; i < bytes.size(); i += 101) bytes[i] = static_cast<char>(i);
    const http::response r = co_await s.put(server.url(), http::options().body(bytes));
    EXPECT_EQ(r.body(), "got it");
    EXPECT_TRUE(body_of(server.requests().at(0)) == bytes);
    co_await server.stop();
}

TEST(options, H_005_007_headers_that_would_split_are_refused_when_they_are_set) {
    http::options opts;
    for (const std::string_view bad : {"", "a b", "a:b", "a\rb", "a\nb", "\xc3\xa4", ":a"}) {
        EXPECT_THROW(opts.header(bad, "v"), http::invalid_request) << bad;
    }
    for (const std::string& bad : {std::string("a\r\nX: y"), std::string("a\nb"), std::string("a\0b", 3), std::string("\x7f")}) {
        EXPECT_THROW(opts.header("X", bad), http::invalid_request);
    }
    EXPECT_NO_THROW(opts.header("X", "%0d%0a"));
    EXPECT_THROW(http::session_options().header("X", "a\r\nY: z"), http::invalid_request);
}

BRIO_TEST_REAL_TIME(options, H_006_a_user_agent_that_would_split_never_reaches_the_wire) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().user_agent("x\r\nX-Evil: 1"));
    co_await error_of<http::invalid_request>(s.get(server.url()));
    EXPECT_TRUE(server.requests().empty());
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(options, a_call_overrides_the_session_member_by_member) {
    scripted_server server(always(answer("404 Not Found", "none")));
    http::session s(http::session_options().raise_for_status().max_body(2));
    co_await error_of<http::body_too_large>(s.get(server.url()));
    co_await error_of<http::status_error>(s.get(server.url(), http::options().max_body(100)));
    const http::response r = co_await s.get(server.url(), http::options().max_body(100).raise_for_status(false));
    EXPECT_EQ(r.status(), 404u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(options, own_accept_encoding_turns_decoding_off_unless_it_is_asked_for) {
    const std::string packed("\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0", 25);
    scripted_server server(always(ok(packed, "Content-Encoding: gzip\r\n")));
    http::session s;
    const http::response decoded = co_await s.get(server.url());
    EXPECT_EQ(decoded.body(), "hello");
    const http::response raw = co_await s.get(server.url(), http::options().header("Accept-Encoding", "gzip"));
    EXPECT_EQ(raw.body(), packed);
    EXPECT_TRUE(contains(server.requests().at(1), "Accept-Encoding: gzip\r\n"));
    const http::response asked = co_await s.get(server.url(), http::options().header("Accept-Encoding", "gzip").decode(true));
    EXPECT_EQ(asked.body(), "hello");
    const http::response off = co_await s.get(server.url(), http::options().decode(false));
    EXPECT_EQ(off.body(), packed);
    EXPECT_FALSE(contains(server.requests().at(3), "Accept-Encoding"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(options, H_068_a_coding_that_was_not_offered_is_undone_within_the_limits) {
    const std::string packed("\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0", 25);
    scripted_server server(always(ok(packed, "Content-Encoding: gzip\r\n")));
    http::session s;
    const http::options unoffered = http::options().header("Accept-Encoding", "");
    EXPECT_EQ((co_await s.get(server.url(), unoffered)).body(), "hello");
    EXPECT_FALSE(contains(server.requests().at(0), "Accept-Encoding"));
    http::options small = unoffered;
    small.max_body(4);
    co_await error_of<http::body_too_large>(s.get(server.url(), small));
    co_await server.stop();
    scripted_server unknown(always(ok("raw", "Content-Encoding: compress\r\n")));
    bool refused = false;
    std::string body;
    try {
        body = (co_await s.get(unknown.url(), unoffered)).body();
    } catch (const http::decode_error&) {
        refused = true;
    }
    EXPECT_TRUE(refused || body == "raw") << "one that is not built in is never guessed at: " << body;
    co_await unknown.stop();
}

BRIO_TEST_REAL_TIME(options, one_object_serves_many_requests) {
    scripted_server server(always(ok("")));
    http::session s;
    const http::options opts = http::options().header("X", "1").body("b");
    co_await s.post(server.url(), opts);
    co_await s.post(server.url(), opts);
    EXPECT_EQ(server.requests().at(0), server.requests().at(1));
    co_await server.stop();
}
