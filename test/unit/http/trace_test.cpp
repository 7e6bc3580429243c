// SPDX-License-Identifier: BSL-1.0
// Observers, timings and middleware.
#include "http/error_of.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string line_of(const http::trace_event& e) {
    std::string line = std::to_string(e.call()) + " " + std::string(http::to_string(e.kind()));
    if (e.status() != 0) line += " " + std::to_string(e.status());
    if (!e.text().empty()) line += " " + std::string(e.text());
    return line;
}

}  // namespace

BRIO_TEST(trace, a_call_from_its_begin_to_its_end) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/old") return http::mock_reply(301).header("Location", "/new").delay(1s);
        return http::mock_reply(200, "abcd").delay(2s).pieces(30, 3s);
    });
    std::vector<std::string> lines;
    http::session s(http::session_options().transport(mock).trace([&](const http::trace_event& e) { lines.push_back(line_of(e)); }));
    const http::response r = co_await s.get("http://a.example/old");
    const std::vector<std::string> wanted{"1 begin GET", "1 connected", "1 sent", "1 answered 301", "1 redirect 301 http://a.example/new",
                                          "1 reused", "1 sent", "1 answered 200", "1 end 200"};
    EXPECT_EQ(lines, wanted);
    const http::timings& t = r.timings();
    EXPECT_EQ(t.requests, 2u);
    EXPECT_TRUE(t.reused);
    EXPECT_EQ(t.wait + t.receive, 5s) << "the head comes in two pieces or one";
    EXPECT_EQ(t.total, 6s);
    EXPECT_EQ(t.connect, 0s);
}

BRIO_TEST(trace, H_149_failures_and_retries_without_secrets) {
    int turn = 0;
    http::mock mock([&](const http::mock_request&) {
        if (turn++ == 0) return http::mock_reply(503).header("Retry-After", "7");
        return http::mock_reply::never();
    });
    std::vector<std::string> lines;
    http::session s(http::session_options()
                        .transport(mock)
                        .retry(http::retry_rules())
                        .trace([&](const http::trace_event& e) { lines.push_back(line_of(e) + " " + std::string(e.url())); }));
    co_await error_of<http::timeout>(s.get("http://ada:canary@a.example/", http::options().header("X-Key", "canary")));
    auto running = brio::create_task(s.get("http://a.example/", http::options().auth(http::auth::bearer("canary"))));
    co_await brio::sleep(1s);
    running.cancel();
    co_await brio::gather(brio::return_exceptions, running);
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    EXPECT_TRUE(contains(all, "1 retry 503")) << all;
    EXPECT_TRUE(contains(all, "1 failed no progress")) << all;
    EXPECT_TRUE(contains(all, "2 failed cancelled")) << all;
    EXPECT_FALSE(contains(all, "canary")) << all;
    EXPECT_EQ(s.stats().retried, 1u);
    EXPECT_EQ(s.stats().calls, 2u);
}

BRIO_TEST(middleware, around_each_other_and_the_call) {
    http::mock mock([](const http::mock_request& q) { return http::mock_reply(200, std::string(q.header("X-Path"))); });
    std::string order;
    const auto named = [&order](std::string name) {
        return [&order, name](http::outgoing call, http::next_call next) -> brio::awaitable<http::response> {
            order += name + "(";
            call.options.header("X-Path", name);
            http::response answer = co_await next(std::move(call));
            order += ")" + name;
            co_return answer;
        };
    };
    http::session s(http::session_options().transport(mock).middleware(named("a")).middleware(named("b")));
    const http::response r = co_await s.get("http://a.example/");
    EXPECT_EQ(order, "a(b()b)a");
    EXPECT_EQ(mock.requests().at(0).headers().get_joined("X-Path"), "a, b");
    EXPECT_EQ(r.body(), "a");
}

BRIO_TEST(middleware, answers_by_itself_and_asks_again) {
    int turn = 0;
    http::mock mock([&](const http::mock_request&) { return http::mock_reply(turn++ == 0 ? 401 : 200, "real"); });
    const auto cache = [](http::outgoing call, http::next_call next) -> brio::awaitable<http::response> {
        if (call.url == "http://a.example/known") co_return http::make_response(200, "cached");
        http::response answer = co_await next(call);
        if (answer.status() == 401) {
            call.options.header("X-Token", "new");
            answer = co_await next(std::move(call));
        }
        co_return answer;
    };
    http::session s(http::session_options().transport(mock).middleware(cache));
    EXPECT_EQ((co_await s.get("http://a.example/known")).body(), "cached");
    EXPECT_TRUE(mock.requests().empty());
    EXPECT_EQ((co_await s.get("http://a.example/other")).body(), "real");
    EXPECT_EQ(mock.requests().at(1).header("X-Token"), "new");
    EXPECT_EQ((co_await s.stream("GET", "http://a.example/known")).status(), 200u);
    EXPECT_EQ(mock.requests().size(), 3u) << "streams go past it";
}

BRIO_TEST(middleware, outlives_the_session_while_it_runs) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, "late").delay(5s); });
    const std::string word = "a word that is too long for the short form";
    auto checking = [word](http::outgoing call, http::next_call next) -> brio::awaitable<http::response> {
        std::exception_ptr error;
        try {
            co_return co_await next(std::move(call));
        } catch (...) {
            error = std::current_exception();
        }
        EXPECT_EQ(word.size(), 42u);
        std::rethrow_exception(error);
    };
    auto s = std::make_unique<http::session>(http::session_options().transport(mock).middleware(checking));
    auto running = brio::create_task(s->get("http://a.example/"));
    co_await brio::sleep(1s);
    s.reset();
    co_await error_of<http::session_closed>(brio::detail::await_operation(running.join()));
}
