// SPDX-License-Identifier: BSL-1.0
// Expect: 100-continue: bodies that wait to be asked for.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

http::options asking(const std::string& body = "the body") { return http::options().body(body).expect_continue(); }

// Takes heads and answers each of them; what was sent behind goes to `bodies`.
script heads(std::vector<std::string> answers, std::vector<std::string>* bodies) {
    return [answers = std::move(answers), bodies](peer& client) -> brio::awaitable<> {
        co_await client.until_received(1);
        co_await client.send(answers.at(client.index));
        bodies->push_back(co_await client.until_closed());
    };
}
std::string behind_head(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }
brio::awaitable<> words(brio::yielder<std::string> yield) {
    co_await yield("some ");
    co_await yield("words");
}

}  // namespace

BRIO_TEST_REAL_TIME(expect, the_body_goes_when_it_is_asked_for) {
    std::string before;
    scripted_server server([&](peer& client) -> brio::awaitable<> {
        co_await client.until_received(1);
        co_await brio::sleep(20ms);
        before = client.pending();
        co_await client.send("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
        co_await client.request();
        co_await client.send(ok("done"));
        co_await client.until_closed();
    });
    http::session s;
    const stopwatch watch;
    const http::response r = co_await s.post(server.url(), asking());
    EXPECT_EQ(r.body(), "done");
    EXPECT_LT(watch.elapsed(), 900ms) << "no waiting for the second";
    EXPECT_TRUE(contains(before, "\r\nExpect: 100-continue\r\n"));
    EXPECT_TRUE(contains(before, "\r\nContent-Length: 8\r\n"));
    EXPECT_EQ(behind_head(before), "");
    EXPECT_EQ(behind_head(server.requests().at(0)), "the body");
    EXPECT_EQ(s.stats().idle, 1u) << "the connection is as good as any";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(expect, nobody_asks_for_a_second) {
    scripted_server server(always(ok("done")));
    http::session s;
    const stopwatch watch;
    EXPECT_EQ((co_await s.post(server.url(), asking())).body(), "done");
    EXPECT_GE(watch.elapsed(), 990ms);
    EXPECT_LT(watch.elapsed(), 3000ms);
    EXPECT_EQ(s.stats().idle, 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(expect, H_082_other_answers_cost_the_connection_and_no_body) {
    for (const char* status : {"200 OK", "401 Who", "413 Too Large", "307 There"}) {
        std::vector<std::string> bodies;
        scripted_server server(heads({answer(status, "no")}, &bodies));
        http::session s;
        const http::response r = co_await s.post(server.url(), asking());
        EXPECT_EQ(r.body(), "no") << status;
        EXPECT_EQ(s.stats().open, 0u) << status;
        EXPECT_TRUE(co_await eventually([&] { return bodies.size() == 1; }));
        EXPECT_EQ(behind_head(bodies.at(0)), "") << status;
        co_await server.stop();
        scripted_server next(always(ok("fine")), "127.0.0.1", server.port());
        EXPECT_EQ((co_await s.get(next.url())).body(), "fine") << "the next request works";
        co_await next.stop();
    }
}

BRIO_TEST_REAL_TIME(expect, H_082_who_does_not_know_it_is_asked_once_more) {
    std::vector<std::string> bodies;
    for (const bool streamed : {false, true}) {
        scripted_server server([&](peer& client) -> brio::awaitable<> {
            if (client.index == 0) {
                co_await client.until_received(1);
                co_await client.send(answer("417 What", "no"));
                bodies.push_back(co_await client.until_closed());
                co_return;
            }
            while (!contains(client.pending(), streamed ? "words" : "xxx")) co_await client.until_received(client.pending().size() + 1);
            bodies.push_back(client.pending());
            co_await client.send(ok("done"));
        });
        bodies.clear();
        http::session s;
        http::options opts = asking(std::string(100, 'x'));
        if (streamed) opts.body(brio::make_generator<std::string>(words));
        EXPECT_EQ((co_await s.post(server.url(), opts)).body(), "done");
        EXPECT_TRUE(co_await eventually([&] { return bodies.size() == 2; }));
        const bool in_order = behind_head(bodies.at(0)).empty();
        EXPECT_FALSE(contains(bodies.at(in_order ? 1 : 0), "Expect"));
        EXPECT_TRUE(contains(bodies.at(in_order ? 1 : 0), streamed ? "words" : "xxxxx")) << "nothing of the generator was lost";
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(expect, is_for_bodies_and_may_be_a_header) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.get(server.url(), http::options().expect_continue());
    co_await s.get(server.url(), http::options().header("Expect", "100-continue"));
    EXPECT_FALSE(contains(server.requests().at(0), "Expect"));
    EXPECT_FALSE(contains(server.requests().at(1), "Expect"));
    co_await server.stop();
    std::vector<std::string> bodies;
    scripted_server refuses(heads({answer("403 No", "")}, &bodies));
    EXPECT_EQ((co_await s.post(refuses.url(), http::options().body("x").header("expect", "100-Continue"))).status(), 403u);
    EXPECT_TRUE(co_await eventually([&] { return !bodies.empty(); }));
    EXPECT_EQ(behind_head(bodies.at(0)), "");
    co_await refuses.stop();
}

BRIO_TEST_REAL_TIME(expect, cancelled_and_timed_out_while_it_waits) {
    scripted_server server(silent());
    http::session s;
    const auto late = co_await error_of<http::timeout>(s.post(server.url(), asking().timeout(50ms)));
    EXPECT_EQ(late.phase(), http::phase::total);
    auto running = brio::create_task(s.post(server.url(), asking()));
    EXPECT_TRUE(co_await eventually([&] { return server.connections() == 2; }));
    running.cancel();
    co_await brio::gather(brio::return_exceptions, running);
    EXPECT_TRUE(running.cancelled());
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}
