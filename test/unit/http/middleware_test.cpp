// SPDX-License-Identifier: BSL-1.0
// Functions around calls, around streams, and before each request.
#include "http/error_of.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <unistd.h>

#include <exception>
#include <filesystem>

namespace {

using namespace http_test;
namespace http = brio::http;

brio::awaitable<http::response> pass_on(http::outgoing call, http::next_call next) {
    http::response answer = co_await next(std::move(call));
    co_return answer;
}

}  // namespace

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

BRIO_TEST(middleware, of_a_stream_sees_its_head) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(201, "abcdef").header("X-A", "b").pieces(50, 1s); });
    unsigned seen = 0;
    const auto looking = [&seen](http::outgoing call, http::next_call next) -> brio::awaitable<http::response> {
        http::response answer = co_await next(call);
        EXPECT_EQ(answer.is_streaming(), call.method == "GET");
        EXPECT_EQ(answer.body().empty(), answer.is_streaming());
        EXPECT_EQ(answer.header("X-A"), "b");
        EXPECT_EQ(answer.url().str(), "http://a.example/x");
        seen = answer.status();
        co_return answer;
    };
    http::session s(http::session_options().transport(mock).middleware(looking).middleware(pass_on));
    http::streaming_response r = co_await s.stream("GET", "http://a.example/x");
    EXPECT_EQ(seen, 201u);
    EXPECT_EQ(r.header("X-A"), "b");
    EXPECT_EQ(co_await r.read(), "abcdef");
    EXPECT_EQ(s.stats().idle, 1u) << "read to its end, the connection is kept";
    const http::response whole = co_await s.request("PUT", "http://a.example/x");
    EXPECT_EQ(whole.body(), "abcdef");
}

BRIO_TEST(middleware, may_answer_a_stream_by_itself) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, "real"); });
    const auto cache = [](http::outgoing call, http::next_call) -> brio::awaitable<http::response> {
        co_return http::make_response(203, call.url.ends_with("empty") ? "" : "one\ntwo");
    };
    http::session s(http::session_options().transport(mock).middleware(cache));
    http::streaming_response r = co_await s.stream("GET", "http://a.example/");
    EXPECT_EQ(r.status(), 203u);
    EXPECT_EQ(r.content_length(), 7u);
    const auto first = co_await r.next_line();
    EXPECT_EQ(first, "one");
    const auto second = co_await r.next_line();
    EXPECT_EQ(second, "two");
    const auto end = co_await r.next_chunk();
    EXPECT_FALSE(end);
    http::streaming_response empty = co_await s.stream("GET", "http://a.example/empty");
    EXPECT_EQ(co_await empty.read(), "");
    EXPECT_TRUE(mock.requests().empty());
}

BRIO_TEST(middleware, that_drops_a_stream_closes_its_connection) {
    int turn = 0;
    http::mock mock([&](const http::mock_request&) { return http::mock_reply(turn++ == 0 ? 503 : 200, "body"); });
    const auto again = [](http::outgoing call, http::next_call next) -> brio::awaitable<http::response> {
        http::response answer = co_await next(call);
        if (answer.status() == 503) answer = co_await next(std::move(call));
        co_return answer;
    };
    http::session s(http::session_options().transport(mock).middleware(again));
    http::streaming_response r = co_await s.stream("GET", "http://a.example/");
    EXPECT_EQ(r.status(), 200u);
    EXPECT_EQ(s.stats().open, 1u);
    EXPECT_EQ(s.stats().created, 2u);
    EXPECT_EQ(co_await r.read(), "body");
}

BRIO_TEST(middleware, failures_and_cancels_of_a_stream_pass_through_it) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/slow") return http::mock_reply(200, "late").delay(5s);
        return http::mock_reply(404, "gone");
    });
    int failures = 0;
    const auto counting = [&failures](http::outgoing call, http::next_call next) -> brio::awaitable<http::response> {
        struct count {
            int& at;
            ~count() { at += std::uncaught_exceptions() > 0; }
        } guard{failures};
        http::response answer = co_await next(std::move(call));
        co_return answer;
    };
    http::session s(http::session_options().transport(mock).middleware(counting));
    http::options strict;
    strict.raise_for_status(true);
    co_await error_of<http::status_error>(s.stream("GET", "http://a.example/", strict));
    co_await error_of<brio::timeout_error>(brio::detail::await_operation(brio::wait_for(s.stream("GET", "http://a.example/slow"), 1s)));
    EXPECT_EQ(failures, 2);
    EXPECT_EQ(s.stats().open, 0u);
}

BRIO_TEST_REAL_TIME(middleware, is_around_downloads_and_events) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/events") return http::mock_reply(200, "data: tick\n\n").header("Content-Type", "text/event-stream");
        return http::mock_reply(200, "the file");
    });
    std::string order;
    const auto noting = [&order](http::outgoing call, http::next_call next) -> brio::awaitable<http::response> {
        order += call.url.substr(call.url.rfind('/'));
        call.options.header("X-Token", "t");
        http::response answer = co_await next(std::move(call));
        co_return answer;
    };
    http::session s(http::session_options().transport(mock).middleware(noting));
    const std::filesystem::path path = std::filesystem::temp_directory_path() / ("brio_middleware_" + std::to_string(::getpid()));
    const http::download_result got = co_await s.download("http://a.example/file", path.string());
    EXPECT_EQ(got.size(), 8u);
    std::filesystem::remove(path);
    http::event_stream events = s.events("http://a.example/events");
    const auto event = co_await events.next();
    EXPECT_EQ(event.value().data, "tick");
    EXPECT_EQ(order, "/file/events");
    EXPECT_EQ(mock.requests().at(0).header("X-Token"), "t");
    EXPECT_EQ(mock.requests().at(1).header("X-Token"), "t");
}

BRIO_TEST(before_send, sees_each_request_of_a_call) {
    int turn = 0;
    http::mock mock([&](const http::mock_request& q) {
        if (q.path() == "/old") return http::mock_reply(307).header("Location", "http://b.example/new");
        return http::mock_reply(turn++ == 0 ? 503 : 200, "fine");
    });
    std::vector<std::string> seen;
    const auto sign = [&seen](http::prepared_request& q) -> brio::awaitable<> {
        seen.push_back(std::string(q.method()) + " " + q.url().str() + " " + std::string(q.body().value_or("none")));
        q.headers().set("X-Signature", std::to_string(seen.size()));
        EXPECT_EQ(q.headers().get("X-Own"), "yes");
        co_return;
    };
    http::session s(http::session_options().transport(mock).before_send(sign).retry(http::retry_rules().attempts(3)));
    http::options own;
    own.header("X-Own", "yes").body("payload");
    const http::response r = co_await s.put("http://a.example/old", own);
    EXPECT_EQ(r.body(), "fine");
    const std::vector<std::string> wanted{"PUT http://a.example/old payload", "PUT http://b.example/new payload", "PUT http://b.example/new payload"};
    EXPECT_EQ(seen, wanted);
    const auto sent = mock.requests();
    EXPECT_EQ(sent.size(), 3u);
    for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(sent[i].headers().get_joined("X-Signature"), std::to_string(i + 1));
}

BRIO_TEST(before_send, what_it_adds_goes_to_no_other_host) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/old") return http::mock_reply(302).header("Location", "http://b.example/new");
        return http::mock_reply(200, "fine");
    });
    const auto only_for_a = [](http::prepared_request& q) -> brio::awaitable<> {
        if (q.url().host() == "a.example") q.headers().set("X-Signature", "secret");
        EXPECT_FALSE(q.body());
        co_return;
    };
    http::session s(http::session_options().transport(mock).before_send(only_for_a));
    co_await s.get("http://a.example/old");
    EXPECT_EQ(mock.requests().at(0).header("X-Signature"), "secret");
    EXPECT_EQ(mock.requests().at(1).header("X-Signature"), "");
}

BRIO_TEST(before_send, sees_credentials_and_may_replace_them) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, "fine"); });
    const auto shout = [](http::prepared_request& q) -> brio::awaitable<> {
        q.headers().set("X-Seen", q.headers().get("Authorization").value_or("none"));
        q.headers().set("Authorization", "Token t");
        co_return;
    };
    http::session s(http::session_options().transport(mock).before_send(shout));
    http::options known;
    known.auth(http::auth::basic("u", "p"));
    for (int i = 0; i < 2; ++i) co_await s.get("http://a.example/", known);
    for (const auto& q : mock.requests()) {
        EXPECT_EQ(q.header("X-Seen"), "Basic dTpw");
        EXPECT_EQ(q.headers().get_joined("Authorization"), "Token t");
    }
}

BRIO_TEST(before_send, may_wait_fail_and_be_cancelled) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, "fine"); });
    const auto slow = [](http::prepared_request& q) -> brio::awaitable<> {
        co_await brio::sleep(1s);
        if (q.url().path() == "/bad") throw std::runtime_error("no key");
    };
    http::session s(http::session_options().transport(mock).before_send(slow));
    const http::response r = co_await s.get("http://a.example/");
    EXPECT_EQ(r.status(), 200u);
    co_await error_of<std::runtime_error>(s.get("http://a.example/bad"));
    co_await error_of<brio::timeout_error>(brio::detail::await_operation(brio::wait_for(s.get("http://a.example/"), 500ms)));
    EXPECT_EQ(mock.requests().size(), 1u);
    EXPECT_EQ(s.stats().idle, 1u) << "it has no connection yet while it waits";
}

BRIO_TEST(before_send, the_limit_of_the_call_holds_for_it_too) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200); });
    std::chrono::seconds own_limit{0};
    const auto slow = [&own_limit](http::prepared_request&) -> brio::awaitable<> {
        if (own_limit > 0s) co_await brio::wait_for(brio::sleep(1h), own_limit);
        co_await brio::sleep(1h);
    };
    http::session s(http::session_options().transport(mock).before_send(slow).timeout(5s));
    const auto e = co_await error_of<http::timeout>(s.get("http://a.example/"));
    EXPECT_EQ(e.phase(), http::phase::total);
    own_limit = 1s;
    co_await error_of<brio::timeout_error>(s.get("http://a.example/"));
    EXPECT_TRUE(mock.requests().empty());
}
