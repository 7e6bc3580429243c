// SPDX-License-Identifier: BSL-1.0
// Sessions over a mock, in virtual time.
#include "http/error_of.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <ctime>

namespace {

using namespace http_test;
namespace http = brio::http;

http::session over(const http::mock& mock) { return http::session(http::session_options().transport(mock)); }
// By the loop's clock, which is virtual.
class loop_watch {
public:
    [[nodiscard]] auto elapsed() const { return brio::get_running_loop().time() - begin_; }

private:
    decltype(brio::get_running_loop().time()) begin_ = brio::get_running_loop().time();
};

}  // namespace

BRIO_TEST(mock, answers_by_what_was_asked) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/ok") return http::mock_reply(200, "fine").header("X-A", "1");
        return http::mock_reply(404);
    });
    http::session s = over(mock);
    const http::response r = co_await s.get("https://example.com/ok?a=b");
    EXPECT_EQ(r.status(), 200u);
    EXPECT_EQ(r.body(), "fine");
    EXPECT_EQ(r.header("x-a"), "1");
    EXPECT_EQ((co_await s.post("https://example.com/no", http::options().json(boost::json::parse("{}")))).status(), 404u);
    EXPECT_EQ((co_await s.head("https://example.com/ok")).header("Content-Length"), "4");
    EXPECT_EQ((co_await s.get("http://example.com/ok")).body(), "fine");
    const auto& seen = mock.requests();
    EXPECT_EQ(seen.size(), 4u);
    EXPECT_EQ(seen.at(0).url().str(), "https://example.com/ok?a=b");
    EXPECT_EQ(seen.at(0).header("host"), "example.com");
    EXPECT_EQ(seen.at(1).method(), "POST");
    EXPECT_EQ(seen.at(1).body(), "{}");
    EXPECT_EQ(seen.at(1).header("Content-Type"), "application/json");
    EXPECT_EQ(mock.connections(), 2u) << "kept alive, one for each origin";
}

BRIO_TEST(mock, time_is_virtual) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, "late").delay(200s); });
    http::session s = over(mock);
    const loop_watch watch;
    const auto read = co_await error_of<http::timeout>(s.get("http://a.example/"));
    EXPECT_EQ(read.phase(), http::phase::headers);
    EXPECT_GE(watch.elapsed(), 60s);
    EXPECT_LT(watch.elapsed(), 61s);
    EXPECT_EQ((co_await s.get("http://a.example/", http::options().read_timeout(0s))).body(), "late");
    EXPECT_GE(watch.elapsed(), 260s);
    const auto total = co_await error_of<http::timeout>(s.get("http://a.example/", http::options().timeout(5s)));
    EXPECT_EQ(total.phase(), http::phase::total);
    EXPECT_EQ(s.stats().open, 0u);
}

BRIO_TEST(mock, H_053_drops_of_bytes_meet_the_limit_of_the_whole) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, std::string(1000, 'x')).pieces(1, 59s); });
    http::session s = over(mock);
    const loop_watch watch;
    const auto late = co_await error_of<http::timeout>(s.get("http://a.example/"));
    EXPECT_EQ(late.phase(), http::phase::total);
    EXPECT_GE(watch.elapsed(), 300s);
    EXPECT_LT(watch.elapsed(), 301s);
}

BRIO_TEST(mock, H_053_a_rate_that_is_asked_for_is_kept) {
    http::mock mock([](const http::mock_request& q) {
        const std::size_t piece = q.path() == "/drops" ? 1 : 10;
        return http::mock_reply(200, std::string(600, 'x')).pieces(piece, 5s);
    });
    http::session s(http::session_options().transport(mock).min_rate(10, 20s));
    const loop_watch watch;
    const auto slow = co_await error_of<http::timeout>(s.get("http://a.example/drops"));
    EXPECT_EQ(slow.phase(), http::phase::body);
    EXPECT_TRUE(contains(text_of(slow), "10 bytes in 20 s")) << text_of(slow);
    EXPECT_LT(watch.elapsed(), 260s) << "the head came drop by drop, too";
    EXPECT_EQ(s.stats().open, 0u);
    EXPECT_EQ((co_await s.get("http://a.example/", http::options().timeout(0s))).body().size(), 600u);
    http::streaming_response stream = co_await s.stream("GET", "http://a.example/");
    std::size_t got = 0;
    while (auto piece = co_await stream.next_chunk()) {
        got += piece->size();
        co_await brio::sleep(1min);  // who reads slowly is not the server
    }
    EXPECT_EQ(got, 600u);
    EXPECT_THROW(http::options().min_rate(1, 0s), http::invalid_request);
}

BRIO_TEST(mock, retries_take_their_time) {
    std::vector<http::mock_reply> answers;
    http::mock mock([&](const http::mock_request&) {
        const http::mock_reply next = answers.front();
        if (answers.size() > 1) answers.erase(answers.begin());
        return next;
    });
    http::session s(http::session_options().transport(mock).retry(http::retry_rules().attempts(5)));
    const http::mock_reply busy = http::mock_reply(503);
    answers.assign(5, busy);
    loop_watch backing_off;
    EXPECT_EQ((co_await s.get("http://a.example/")).status(), 503u);
    EXPECT_EQ(mock.requests().size(), 5u);
    EXPECT_LE(backing_off.elapsed(), 500ms + 1s + 2s + 4s);

    answers.assign(1, http::mock_reply(503).header("Retry-After", "100"));
    answers.push_back(http::mock_reply(200, "fine"));
    loop_watch waiting;
    EXPECT_EQ((co_await s.get("http://a.example/")).body(), "fine");
    EXPECT_GE(waiting.elapsed(), 100s);
    EXPECT_LE(waiting.elapsed(), 101s);

    char date[64];
    const std::time_t then = std::time(nullptr) + 100;
    std::tm parts{};
    std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", ::gmtime_r(&then, &parts));
    answers.assign(1, http::mock_reply(429).header("Retry-After", date));
    answers.push_back(http::mock_reply(200, "fine"));
    loop_watch until;
    EXPECT_EQ((co_await s.get("http://a.example/")).body(), "fine");
    EXPECT_GE(until.elapsed(), 97s) << date;
    EXPECT_LE(until.elapsed(), 101s) << date;

    mock.refuse_connections();
    loop_watch refused;
    co_await error_of<http::connect_error>(s.post("http://b.example/", http::options().body("x")));
    EXPECT_LE(refused.elapsed(), 8s);
    EXPECT_GT(s.stats().retried, 6u);
}

BRIO_TEST(mock, what_may_not_be_sent_twice_is_not) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(503); });
    http::session s(http::session_options().transport(mock).retry(http::retry_rules()));
    const loop_watch watch;
    EXPECT_EQ((co_await s.post("http://a.example/", http::options().body("x"))).status(), 503u);
    EXPECT_EQ((co_await s.get("http://a.example/", http::options().retry(http::retry_rules().attempts(1)))).status(), 503u);
    EXPECT_EQ(mock.requests().size(), 2u);
    EXPECT_EQ(watch.elapsed(), 0s);
}

BRIO_TEST(mock, connections_that_end_and_break) {
    int turn = 0;
    http::mock mock([&](const http::mock_request&) {
        switch (turn++) {
        case 0: return http::mock_reply(200, "whole").close();
        case 1: return http::mock_reply(200, "0123456789").cut(45);
        case 2: return http::mock_reply(200, "x").reset();
        case 3: return http::mock_reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").reset();
        case 4: return http::mock_reply::raw("nonsense\r\n\r\n");
        case 5: return http::mock_reply::never();
        default: throw std::runtime_error("no more");
        }
    });
    http::session s = over(mock);
    EXPECT_EQ((co_await s.get("http://a.example/")).body(), "whole");
    EXPECT_EQ(s.stats().open, 0u);
    const auto cut = co_await error_of<http::incomplete_body>(s.get("http://a.example/"));
    EXPECT_LT(cut.received(), 10u);
    EXPECT_EQ((co_await s.get("http://a.example/")).body(), "x") << "whole before the reset";
    co_await error_of<http::connection_lost>(s.get("http://a.example/"));
    co_await error_of<http::protocol_error>(s.get("http://a.example/"));
    co_await error_of<http::timeout>(s.get("http://a.example/"));
    co_await error_of<http::connection_lost>(s.get("http://a.example/"));
    mock.refuse_connections();
    const auto refused = co_await error_of<http::connect_error>(s.get("http://a.example/"));
    EXPECT_EQ(refused.phase(), http::phase::connect);
    EXPECT_EQ(s.stats().open, 0u);
}

BRIO_TEST(mock, redirects_cookies_decoding_and_streams_work_as_always) {
    http::mock mock([](const http::mock_request& q) {
        if (q.path() == "/login") return http::mock_reply(302).header("Location", "/home").header("Set-Cookie", "id=7");
        return http::mock_reply(200, "cookie " + std::string(q.header("Cookie")) + "\nline two\n").pieces(3, 1s);
    });
    http::session s = over(mock);
    const http::response r = co_await s.post("https://shop.example/login", http::options().form("user", "ada"));
    EXPECT_EQ(r.url().path(), "/home");
    EXPECT_EQ(r.body(), "cookie id=7\nline two\n");
    http::streaming_response lines = co_await s.stream("GET", "https://shop.example/");
    EXPECT_EQ(co_await lines.next_line(), "cookie id=7");
    EXPECT_EQ(co_await lines.next_line(), "line two");
    EXPECT_FALSE((co_await lines.next_line()).has_value());
    EXPECT_EQ(mock.connections(), 1u);
}

BRIO_TEST(mock, large_uploads_and_expectations) {
    http::mock mock([](const http::mock_request& q) { return http::mock_reply(200, std::to_string(q.body().size())); });
    http::session s = over(mock);
    EXPECT_EQ((co_await s.put("http://a.example/", http::options().body(std::string(1'000'000, 'x')))).body(), "1000000");
    const loop_watch watch;
    EXPECT_EQ((co_await s.put("http://a.example/", http::options().body("abc").expect_continue())).body(), "3");
    EXPECT_LT(watch.elapsed(), 1s) << "the mock asks for it";
    EXPECT_EQ(mock.connections(), 1u);
}

BRIO_TEST(mock, H_145_a_cancel_that_races_with_the_answer) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, "answer").delay(10s); });
    unsigned answers = 0;
    unsigned cancels = 0;
    for (int turn = 0; turn < 40; ++turn) {
        http::session s = over(mock);
        // Ends before the answer comes, in the same moment or just before.
        brio::task<> early = brio::create_task(brio::sleep(10s - std::chrono::nanoseconds(turn % 4 / 2)));
        auto running = brio::create_task(s.get("http://a.example/"));
        if (turn % 2 == 0) {
            co_await early.join();
        } else {
            co_await brio::sleep(10s);
        }
        for (int i = 0; i < turn % 10; ++i) co_await brio::sleep(0s);
        running.cancel();
        co_await brio::gather(brio::return_exceptions, running);
        if (running.cancelled()) {
            ++cancels;
            EXPECT_EQ(s.stats().open, 0u);
        } else {
            ++answers;
            EXPECT_EQ(running.result().body(), "answer");
            EXPECT_EQ(s.stats().idle, 1u);
        }
        EXPECT_EQ(s.stats().open, s.stats().idle) << "whichever it was, the place is free";
        EXPECT_EQ((co_await s.get("http://a.example/")).body(), "answer");
    }
    EXPECT_GT(answers, 0u);
    EXPECT_GT(cancels, 0u);
}

BRIO_TEST(mock, H_145_a_stream_loses_no_piece_to_a_cancel) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, "0123456789").pieces(1, 1s); });
    http::session s = over(mock);
    unsigned finished = 0;
    for (int turn = 0; turn < 12; ++turn) {
        http::streaming_response from = co_await s.stream("GET", "http://a.example/");
        std::string got;
        const auto read = [&]() -> brio::awaitable<> {
            while (auto piece = co_await from.next_chunk()) got += *piece;
        };
        auto reading = brio::create_task(read());
        co_await brio::sleep(1s * turn);
        reading.cancel();
        co_await brio::gather(brio::return_exceptions, reading);
        EXPECT_TRUE(std::string_view("0123456789").starts_with(got)) << got;
        if (reading.cancelled()) continue;
        ++finished;
        EXPECT_EQ(got, "0123456789");
    }
    EXPECT_GT(finished, 0u);
}

BRIO_TEST(mock, make_response_makes_one) {
    http::headers fields;
    fields.add("X-A", "1");
    const http::response r = http::make_response(503, "later", fields, "http://a.example/x");
    EXPECT_EQ(r.status(), 503u);
    EXPECT_EQ(r.reason(), "Service Unavailable");
    EXPECT_EQ(r.body(), "later");
    EXPECT_EQ(r.header("x-a"), "1");
    EXPECT_EQ(r.url().path(), "/x");
    EXPECT_THROW(http::mock_reply(100), http::invalid_request);
    co_return;
}
