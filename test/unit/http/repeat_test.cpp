// SPDX-License-Identifier: BSL-1.0
// Requests that are sent again, and requests that wait for their turn.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

http::retry_rules quick() { return http::retry_rules().pause(1ms, 2ms); }
// One answer after the other, the last one for all that follow.
script in_turn(std::vector<std::string> answers) {
    auto at = std::make_shared<std::size_t>(0);
    return [answers = std::move(answers), at](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            co_await client.send(answers[std::min((*at)++, answers.size() - 1)]);
        }
    };
}
std::vector<std::string> busy_then(const std::string& last, std::size_t times = 1, const std::string& status = "503 Busy") {
    std::vector<std::string> all(times, answer(status, "later"));
    all.push_back(last);
    return all;
}
brio::awaitable<> words(brio::yielder<std::string> yield) { co_await yield("word"); }

}  // namespace

BRIO_TEST_REAL_TIME(retry, is_off_by_default) {
    scripted_server server(in_turn(busy_then(ok("fine"))));
    http::session s;
    EXPECT_EQ((co_await s.get(server.url())).status(), 503u);
    EXPECT_EQ(server.requests().size(), 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(retry, after_statuses_that_pass) {
    for (const char* status : {"429 Slow", "502 Bad", "503 Busy", "504 Late"}) {
        scripted_server server(in_turn(busy_then(ok("fine"), 2, status)));
        http::session s(http::session_options().retry(quick()));
        EXPECT_EQ((co_await s.get(server.url())).body(), "fine") << status;
        EXPECT_EQ(server.requests().size(), 3u);
        EXPECT_EQ(server.connections(), 1u) << "answers on the way are drained";
        co_await server.stop();
    }
    for (const char* status : {"500 Broken", "501 No", "404 Nothing"}) {
        scripted_server server(in_turn(busy_then(ok("fine"), 1, status)));
        http::session s(http::session_options().retry(quick()));
        EXPECT_NE((co_await s.get(server.url())).status(), 200u) << status;
        co_await server.stop();
    }
    scripted_server broken(in_turn(busy_then(ok("fine"), 1, "500 Broken")));
    http::session s;
    EXPECT_EQ((co_await s.get(broken.url(), http::options().retry(quick().also_500()))).body(), "fine");
    co_await broken.stop();
}

BRIO_TEST_REAL_TIME(retry, ends_with_the_last_answer) {
    scripted_server server(always(answer("503 Busy", "later")));
    http::session s(http::session_options().retry(quick().attempts(4)));
    EXPECT_EQ((co_await s.get(server.url())).body(), "later");
    EXPECT_EQ(server.requests().size(), 4u);
    co_await error_of<http::status_error>(s.get(server.url(), http::options().raise_for_status()));
    EXPECT_EQ(server.requests().size(), 8u);
    auto stream = co_await s.stream("GET", server.url(), http::options().retry(quick().attempts(1)));
    EXPECT_EQ(stream.status(), 503u);
    EXPECT_EQ(server.requests().size(), 9u) << "the call's own rules count";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(retry, only_what_may_be_sent_twice) {
    scripted_server server(in_turn(busy_then(ok("fine"))));
    http::session s(http::session_options().retry(quick()));
    EXPECT_EQ((co_await s.post(server.url(), http::options().body("x"))).status(), 503u);
    co_await server.stop();
    scripted_server again(in_turn(busy_then(ok("fine"))));
    EXPECT_EQ((co_await s.post(again.url(), http::options().body("x").retry(quick().any_method()))).body(), "fine");
    EXPECT_TRUE(contains(again.requests().at(1), "\r\n\r\nx"));
    co_await again.stop();
    scripted_server once(in_turn(busy_then(ok("fine"))));
    http::options streamed;
    streamed.body(brio::make_generator<std::string>(words), 4);
    EXPECT_EQ((co_await s.put(once.url(), streamed)).status(), 503u) << "a generator has nothing more to give";
    co_await once.stop();
}

BRIO_TEST_REAL_TIME(retry, after_connections_that_fail) {
    std::uint16_t port = 0;
    {
        scripted_server gone(silent());
        port = gone.port();
        co_await gone.stop();
    }
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/";
    http::session s(http::session_options().retry(quick().attempts(3)));
    co_await error_of<http::connect_error>(s.post(url, http::options().body("x")));
    auto running = brio::create_task(s.post(url, http::options().body("x").retry(http::retry_rules().attempts(8).pause(50ms, 50ms))));
    const auto before = s.stats().retried;
    EXPECT_TRUE(co_await eventually([&] { return s.stats().retried > before; })) << "it has been refused";
    scripted_server back(always(ok("back")), "127.0.0.1", port);
    EXPECT_EQ((co_await running.join()).body(), "back");
    co_await back.stop();
}

BRIO_TEST_REAL_TIME(retry, retry_after_is_obeyed) {
    std::vector<std::string> all;
    all.push_back(answer("503 Busy", "", "Retry-After: 1\r\n"));
    all.push_back(ok("fine"));
    scripted_server server(in_turn(all));
    http::session s(http::session_options().retry(quick()));
    const stopwatch watch;
    EXPECT_EQ((co_await s.get(server.url())).body(), "fine");
    EXPECT_GE(watch.elapsed(), 990ms);
    co_await server.stop();

    scripted_server far(always(answer("503 Busy", "", "Retry-After: 121\r\n")));
    EXPECT_EQ((co_await s.get(far.url())).status(), 503u) << "too long to wait for";
    EXPECT_EQ(far.requests().size(), 1u);
    co_await far.stop();

    scripted_server near(always(answer("503 Busy", "", "Retry-After: 60\r\n")));
    EXPECT_EQ((co_await s.get(near.url(), http::options().timeout(10s))).status(), 503u) << "longer than the call may take";
    EXPECT_EQ(near.requests().size(), 1u);
    co_await near.stop();
}

BRIO_TEST_REAL_TIME(retry, H_063_the_bodies_on_the_way_are_not_decoded) {
    std::vector<std::string> all;
    all.push_back(answer("503 Busy", "no gzip", "Content-Encoding: gzip\r\n"));
    all.push_back(ok("fine"));
    scripted_server server(in_turn(all));
    http::session s(http::session_options().retry(quick()));
    EXPECT_EQ((co_await s.get(server.url())).body(), "fine");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(retry, a_server_in_trouble_is_not_buried) {
    scripted_server server(always(answer("503 Busy", "")));
    http::session s(http::session_options().retry(quick().attempts(10)));
    for (int i = 0; i < 50; ++i) co_await s.get(server.url());
    EXPECT_LE(server.requests().size(), 50u + 10u + 10u) << "10 in any case, and 20 for each 100";
    EXPECT_GE(server.requests().size(), 50u + 10u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(retry, cancelled_in_a_pause) {
    scripted_server server(always(answer("503 Busy", "")));
    http::session s(http::session_options().retry(http::retry_rules().pause(10s)));
    auto running = brio::create_task(s.get(server.url()));
    EXPECT_TRUE(co_await eventually([&] { return s.stats().idle == 1; }));
    running.cancel();
    bool cancelled = false;
    try {
        co_await running.join();
    } catch (const brio::cancelled_error&) {
        cancelled = true;
    }
    EXPECT_TRUE(cancelled);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(retry, H_089_a_session_that_closes_ends_the_pauses) {
    scripted_server server(always(answer("503 Busy", "")));
    http::session s(http::session_options().rate_limit(1, 60s).retry(http::retry_rules().pause(60s)));
    auto pausing = brio::create_task(s.get(server.url()));
    EXPECT_TRUE(co_await eventually([&] { return s.stats().idle == 1; }));
    auto waiting = brio::create_task(s.get(server.url()));
    co_await brio::sleep(1ms);
    const stopwatch watch;
    co_await s.close();
    co_await error_of<http::session_closed>(brio::detail::await_operation(pausing.join()));
    co_await error_of<http::session_closed>(brio::detail::await_operation(waiting.join()));
    EXPECT_LT(watch.elapsed(), 2000ms);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(rate_limit, so_many_in_any_span) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().rate_limit(2, 100ms));
    const stopwatch watch;
    std::vector<brio::awaitable<http::response>> all;
    for (int i = 0; i < 5; ++i) all.push_back(s.get(server.url("/" + std::to_string(i))));
    co_await brio::gather(std::move(all));
    EXPECT_GE(watch.elapsed(), 199ms);
    EXPECT_LT(watch.elapsed(), 1500ms);
    scripted_server other(always(ok("")), "127.0.0.2");
    http::session rare(http::session_options().rate_limit(1, 10s));
    const stopwatch fresh;
    co_await rare.get(server.url());
    co_await rare.get(other.url());
    EXPECT_LT(fresh.elapsed(), 9s) << "another host";
    co_await server.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(rate_limit, places_of_those_who_leave_are_given_back) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().rate_limit(1, 1s));
    co_await s.get(server.url());
    const auto late = co_await error_of<http::timeout>(s.get(server.url(), http::options().timeout(100ms)));
    EXPECT_EQ(late.phase(), http::phase::total);
    auto waiting = brio::create_task(s.get(server.url()));
    co_await brio::sleep(1ms);
    waiting.cancel();
    co_await brio::gather(brio::return_exceptions, waiting);
    const stopwatch watch;
    co_await s.get(server.url());
    EXPECT_LT(watch.elapsed(), 1800ms);
    EXPECT_EQ(server.requests().size(), 2u);
    EXPECT_THROW(http::session_options().rate_limit(0, 1s), http::invalid_request);
    EXPECT_THROW(http::session_options().rate_limit(1, 0s), http::invalid_request);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(rate_limit, a_host_that_asks_for_peace_gets_it) {
    std::vector<std::string> all;
    all.push_back(answer("429 Slow", "", "Retry-After: 1\r\n"));
    all.push_back(ok(""));
    scripted_server server(in_turn(all));
    http::session s(http::session_options().rate_limit(100, 1s));
    EXPECT_EQ((co_await s.get(server.url())).status(), 429u);
    const stopwatch watch;
    EXPECT_EQ((co_await s.get(server.url())).status(), 200u);
    EXPECT_GE(watch.elapsed(), 990ms);
    co_await server.stop();
}

// A balancer that drains its servers takes connections and ends them at once.
BRIO_TEST_REAL_TIME(retry, after_handshakes_that_are_cut_off) {
    const auto one_is_cut = [](peer& client) -> brio::awaitable<> {
        co_await client.until_received(1);
        if (client.index == 0) {
            client.reset();
            co_return;
        }
        co_await client.request();
        co_await client.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    };
    scripted_server proxy(one_is_cut);
    http::session s(http::session_options().proxy(proxy.url()).retry(quick().attempts(4)));
    co_await error_of<http::proxy_error>(s.get("https://a.example/"));
    EXPECT_EQ(proxy.connections(), 2u) << "one that was cut, and a refusal, which is final";
    co_await proxy.stop();
    const auto never_tls = [](peer& client) -> brio::awaitable<> {
        co_await client.until_received(1);
        if (client.index % 2 == 0) client.reset();
    };
    scripted_server server(never_tls);
    http::session direct(http::session_options().retry(quick().attempts(3)));
    co_await error_of<http::tls_error>(direct.post("https://" + server.authority() + "/", http::options().body("x")));
    EXPECT_EQ(server.connections(), 3u);
    co_await server.stop();
}
