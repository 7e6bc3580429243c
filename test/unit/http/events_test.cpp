// SPDX-License-Identifier: BSL-1.0
// Event streams over connections that break.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;

const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n";

std::string last_id(const std::string& request) {
    const std::string name = "\r\nLast-Event-ID: ";
    const std::size_t at = request.find(name);
    if (at == request.npos) return "none";
    return request.substr(at + name.size(), request.find("\r\n", at + name.size()) - at - name.size());
}
brio::awaitable<std::string> all_of(http::event_stream& from) {
    std::string out;
    while (auto e = co_await from.next()) out += e->type + ":" + e->data + " ";
    co_return out;
}
// Plays one answer per connection, the last one for all that follow.
script answers(std::vector<std::string> all) {
    return [all = std::move(all)](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(all[std::min(client.index, all.size() - 1)]);
    };
}
const std::string no_more = answer("204 No Content", "", "Connection: close\r\n");

}  // namespace

BRIO_TEST_REAL_TIME(events, are_read_until_204) {
    std::vector<std::string> all;
    all.push_back(head + "retry: 1\n\ndata: one\nid: 1\n\nevent: x\ndata: two\nid: 2\n\ndata: lost");
    all.push_back(head + "data: three\n\n");
    all.push_back(no_more);
    scripted_server server(answers(all));
    http::session s;
    http::event_stream events = s.events(server.url());
    EXPECT_EQ(co_await all_of(events), "message:one x:two message:three ");
    EXPECT_EQ(events.last_event_id(), "2");
    BRIO_ASSERT_EQ(server.requests().size(), 3u);
    EXPECT_EQ(last_id(server.requests()[0]), "none");
    EXPECT_EQ(last_id(server.requests()[1]), "2");
    EXPECT_TRUE(contains(server.requests()[0], "Accept: text/event-stream\r\n"));
    EXPECT_TRUE(contains(server.requests()[0], "Cache-Control: no-store\r\n"));
    EXPECT_FALSE((co_await events.next()).has_value()) << "the end is the end";
    EXPECT_EQ(server.requests().size(), 3u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(events, go_on_behind_an_id_of_the_past) {
    scripted_server server(answers(std::vector<std::string>(1, no_more)));
    http::session s;
    http::event_stream events = s.events(server.url(), http::options().header("Last-Event-ID", "41").header("Accept", "text/x"));
    EXPECT_FALSE((co_await events.next()).has_value());
    EXPECT_EQ(last_id(server.requests().at(0)), "41");
    EXPECT_TRUE(contains(server.requests().at(0), "Accept: text/x\r\n"));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(events, wrong_answers_end_them) {
    http::session s;
    scripted_server html(always(answer("200 OK", "<p>", "Content-Type: text/html\r\n")));
    auto from_html = s.events(html.url());
    const auto wrong = co_await error_of<http::protocol_error>(from_html.next());
    EXPECT_TRUE(contains(text_of(wrong), "text/html")) << wrong.what();
    scripted_server none(always(ok("x")));
    auto from_none = s.events(none.url());
    co_await error_of<http::protocol_error>(from_none.next());
    scripted_server busy(always(answer("503 Busy", "later")));
    auto from_busy = s.events(busy.url());
    const auto status = co_await error_of<http::status_error>(from_busy.next());
    EXPECT_EQ(status.status(), 503u);
    auto nowhere = s.events("http://127.0.0.1:1/");
    co_await error_of<http::connect_error>(nowhere.next());
    for (auto* one : {&html, &none, &busy}) co_await one->stop();
}

BRIO_TEST_REAL_TIME(events, five_failures_in_a_row_are_enough) {
    std::vector<std::string> all;
    all.push_back(head + "retry: 1\n\ndata: one\n\n");
    all.push_back("");
    scripted_server server(answers(all));
    http::session s;
    auto events = s.events(server.url());
    EXPECT_EQ((co_await events.next())->data, "one");
    co_await error_of<http::connection_lost>(events.next());
    EXPECT_EQ(server.connections(), 6u) << "the stream ended once, then five lost connections";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(events, silence_is_a_lost_connection) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        if (client.index == 0) {
            co_await client.send(head + "retry: 1\n\n");
            co_await client.until_closed();
        } else {
            co_await client.send(head + "data: back\n\n");
            co_await client.stall();
        }
    });
    http::session s;
    auto events = s.events(server.url(), http::options().read_timeout(50ms));
    EXPECT_EQ((co_await events.next())->data, "back");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(events, too_large_an_event) {
    scripted_server server(answers(std::vector<std::string>(1, head + "data: " + std::string(1'100'000, 'x'))));
    http::session s;
    auto events = s.events(server.url());
    co_await error_of<http::body_too_large>(events.next());
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(events, cancelled_they_go_on_later) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        std::string bytes = head + "data: one\nid: 1\n\n";
        if (client.index == 1) bytes = head + "data: two\n\n";
        co_await client.send(bytes);
        co_await client.stall();
    });
    http::session s;
    auto events = s.events(server.url());
    EXPECT_EQ((co_await events.next())->data, "one");
    auto waiting = brio::create_task(events.next());
    co_await brio::sleep(5ms);
    waiting.cancel();
    bool cancelled = false;
    try {
        co_await waiting.join();
    } catch (const brio::cancelled_error&) {
        cancelled = true;
    }
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(s.stats().open, 0u);
    EXPECT_EQ((co_await events.next())->data, "two");
    EXPECT_EQ(last_id(server.requests().at(1)), "1");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(events, of_a_closed_session) {
    scripted_server server(answers(std::vector<std::string>(1, head + "data: one\n\n")));
    http::session s;
    auto events = s.events(server.url());
    EXPECT_EQ((co_await events.next())->data, "one");
    co_await s.close();
    co_await error_of<http::session_closed>(events.next());
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(events, a_server_that_wants_no_pause_gets_one_when_it_brings_nothing) {
    scripted_server server(answers(std::vector<std::string>(1, head + "retry: 0\n\n")));
    http::session s;
    auto events = s.events(server.url());
    auto running = brio::create_task(events.next());
    co_await brio::sleep(600ms);
    running.cancel();
    co_await brio::gather(brio::return_exceptions, running);
    EXPECT_TRUE(running.cancelled());
    EXPECT_GE(server.connections(), 2u);
    EXPECT_LE(server.connections(), 4u);
    co_await server.stop();
}

BRIO_TEST(events, a_connection_that_has_lasted_is_no_failure) {
    int turn = 0;
    http::mock mock([&](const http::mock_request&) {
        if (++turn == 20) return http::mock_reply(200, "data: at last\n\n").header("Content-Type", "text/event-stream");
        http::mock_reply quiet(200, ":" + std::string(400, ' ') + "silence for the second half");
        return quiet.header("Content-Type", "text/event-stream").pieces(300, 90s);
    });
    http::session s(http::session_options().transport(mock).read_timeout(60s));
    auto events = s.events("http://a.example/");
    EXPECT_EQ((co_await events.next())->data, "at last");
    EXPECT_EQ(turn, 20);
}
