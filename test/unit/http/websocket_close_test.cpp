// SPDX-License-Identifier: BSL-1.0
// How WebSockets end: closed by either side or both, lost, broken, dropped.
#include "http/websocket_pair.hpp"

#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
using brio::awaitable;

// What every call gives once it is over.
template <class Error>
awaitable<> expect_end(http::websocket& ws) {
    co_await error_of<Error>(ws.send("x"));
    co_await error_of<Error>(ws.receive());
    co_await error_of<Error>(ws.ping());
    EXPECT_FALSE(ws.is_open());
    co_await ws.close();
}

} // namespace

BRIO_TEST(websocket_close, by_the_peer) {
    half_pair p;
    co_await p.peer.write(text_frame("last words") + close_frame(4001, "why not"));
    EXPECT_EQ(co_await text_from(p.ws), "last words");
    EXPECT_FALSE(p.ws.close_code().has_value());
    EXPECT_EQ(co_await text_from(p.ws), "closed");
    EXPECT_EQ(p.ws.close_code(), 4001u);
    EXPECT_EQ(p.ws.close_reason(), "why not");
    EXPECT_EQ(co_await next_frame(p.peer), "close 4001:");
    EXPECT_EQ(co_await next_frame(p.peer), "end");
    const auto e = co_await error_of<http::websocket_closed>(p.ws.receive());
    EXPECT_EQ(e.code(), 4001u);
    EXPECT_EQ(e.reason(), "why not");
    EXPECT_EQ(e.url(), "ws://peer.test/");
    EXPECT_TRUE(contains(text_of(e), "4001: why not")) << e.what();
    co_await expect_end<http::websocket_closed>(p.ws);
    EXPECT_EQ(co_await text_from(p.ws), "closed");
}

BRIO_TEST(websocket_close, by_the_peer_without_a_code) {
    half_pair p;
    co_await p.peer.write(frame(0x88, ""));
    EXPECT_EQ(co_await text_from(p.ws), "closed");
    EXPECT_EQ(p.ws.close_code(), 1005u);
    EXPECT_EQ(co_await next_frame(p.peer), "close");
}

BRIO_TEST(websocket_close, by_us) {
    half_pair p;
    co_await p.ws.send("sent before");
    auto closing = brio::create_task(p.ws.close(1001, "bye"));
    EXPECT_EQ(co_await next_frame(p.peer), "text:sent before");
    EXPECT_EQ(co_await next_frame(p.peer), "close 1001:bye");
    EXPECT_FALSE(closing.done());
    EXPECT_FALSE(p.ws.is_open());
    co_await error_of<http::websocket_closed>(p.ws.send("too late"));
    co_await p.peer.write(text_frame("crossed it") + close_frame(1001, "bye"));
    co_await closing.join();
    EXPECT_EQ(p.ws.close_code(), 1001u);
    EXPECT_EQ(co_await next_frame(p.peer), "end");
    EXPECT_EQ(co_await text_from(p.ws), "closed") << "what crosses the close is dropped";
    co_await expect_end<http::websocket_closed>(p.ws);
}

BRIO_TEST_FIFO(websocket_close, by_both_at_once) {
    websocket_pair p;
    co_await brio::gather(p.client.close(1000, "client"), p.server.close(1001, "server"), p.client.close());
    EXPECT_EQ(p.client.close_code(), 1001u);
    EXPECT_EQ(p.server.close_code(), 1000u);
    EXPECT_EQ(p.server.close_reason(), "client");
}

BRIO_TEST(websocket_close, while_another_task_receives) {
    half_pair p;
    auto receiving = brio::create_task(p.ws.next());
    co_await settled();
    auto closing = brio::create_task(p.ws.close());
    EXPECT_EQ(co_await next_frame(p.peer), "close 1000:");
    EXPECT_FALSE(receiving.done());
    co_await p.peer.write(close_frame(1000));
    EXPECT_FALSE((co_await receiving.join()).has_value());
    co_await closing.join();
}

BRIO_TEST(websocket_close, takes_over_from_a_receiver_that_is_cancelled) {
    half_pair p;
    auto receiving = brio::create_task(p.ws.next());
    co_await settled();
    auto closing = brio::create_task(p.ws.close());
    co_await settled();
    receiving.cancel();
    EXPECT_TRUE(co_await is_cancelled(receiving));
    EXPECT_EQ(co_await next_frame(p.peer), "close 1000:");
    co_await p.peer.write(close_frame(1000));
    co_await closing.join();
    EXPECT_EQ(p.ws.close_code(), 1000u);
}

BRIO_TEST(websocket_close, waits_ten_seconds_for_the_answer) {
    half_pair p;
    const auto begin = brio::get_running_loop().time();
    co_await p.ws.close();
    EXPECT_EQ(brio::get_running_loop().time() - begin, 10s);
    EXPECT_EQ(p.ws.close_code(), 1006u);
    EXPECT_EQ(co_await next_frame(p.peer), "close 1000:");
    EXPECT_EQ(co_await next_frame(p.peer), "end");
    co_await expect_end<http::websocket_closed>(p.ws);
}

BRIO_TEST(websocket_close, waits_as_long_as_it_is_told_even_behind_what_the_peer_does_not_read) {
    half_pair p(http::websocket_options().close_timeout(3s));
    co_await p.ws.send(std::string(4'000'000, 'x'));
    const auto begin = brio::get_running_loop().time();
    co_await p.ws.close();
    EXPECT_EQ(brio::get_running_loop().time() - begin, 3s);
}

BRIO_TEST(websocket_close, is_answered_by_the_end_of_the_connection_as_well) {
    half_pair p;
    auto closing = brio::create_task(p.ws.close());
    EXPECT_EQ(co_await next_frame(p.peer), "close 1000:");
    p.peer.close();
    co_await closing.join();
    EXPECT_EQ(p.ws.close_code(), 1006u);
    EXPECT_EQ(co_await text_from(p.ws), "closed");
}

BRIO_TEST(websocket_close, cancelled_hangs_up) {
    half_pair p;
    auto closing = brio::create_task(p.ws.close());
    EXPECT_EQ(co_await next_frame(p.peer), "close 1000:");
    closing.cancel();
    EXPECT_TRUE(co_await is_cancelled(closing));
    EXPECT_EQ(co_await next_frame(p.peer), "end");
    auto before = brio::create_task(p.ws.close());
    before.cancel();
    EXPECT_TRUE(co_await is_cancelled(before));
    co_await p.ws.close();
}

BRIO_TEST(websocket_close, H_017_codes_and_reasons_that_may_not_be_sent) {
    half_pair p;
    for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 2999U, 5000U, 66536U}) co_await error_of<http::invalid_request>(p.ws.close(code));
    co_await error_of<http::invalid_request>(p.ws.close(1000, std::string(124, 'x')));
    co_await error_of<http::invalid_request>(p.ws.close(1000, "\xFF"));
    EXPECT_TRUE(p.ws.is_open());
    auto closing = brio::create_task(p.ws.close(4999, std::string(123, 'x')));
    EXPECT_EQ(co_await next_frame(p.peer), "close 4999:" + std::string(123, 'x'));
    co_await p.peer.write(close_frame(4999));
    co_await closing.join();
}

BRIO_TEST(websocket_close, messages_that_came_before_can_still_be_received) {
    half_pair p;
    co_await p.peer.write(text_frame("one") + text_frame("two"));
    co_await error_of<brio::timeout_error>(brio::detail::await_operation(brio::wait_for(p.ws.ping(), 5ms)));
    auto closing = brio::create_task(p.ws.close());
    co_await p.peer.write(close_frame(1000));
    co_await closing.join();
    EXPECT_EQ(co_await text_from(p.ws), "one");
    EXPECT_EQ(co_await text_from(p.ws), "two");
    EXPECT_EQ(co_await text_from(p.ws), "closed");
}

BRIO_TEST(websocket_close, a_connection_that_ends_without_a_word_is_lost) {
    half_pair p;
    co_await p.peer.write(text_frame("last words") + text_frame("half").substr(0, 3));
    p.peer.close();
    EXPECT_EQ(co_await text_from(p.ws), "last words");
    const auto e = co_await error_of<http::connection_lost>(p.ws.next());
    EXPECT_EQ(e.url(), "ws://peer.test/");
    EXPECT_EQ(p.ws.close_code(), 1006u);
    co_await expect_end<http::connection_lost>(p.ws);
}

BRIO_TEST(websocket_close, a_reset_is_a_lost_connection_for_everybody) {
    half_pair p;
    auto receiving = brio::create_task(p.ws.next());
    co_await p.ws.send(std::string(4'000'000, 'x'));
    auto sending = brio::create_task(p.ws.send("behind it"));
    auto pinging = brio::create_task(p.ws.ping());
    co_await settled();
    p.connection.reset();
    co_await error_of<http::connection_lost>(brio::detail::await_operation(receiving.join()));
    co_await error_of<http::connection_lost>(brio::detail::await_operation(sending.join()));
    co_await error_of<http::connection_lost>(brio::detail::await_operation(pinging.join()));
    co_await expect_end<http::connection_lost>(p.ws);
}

BRIO_TEST(websocket_close, one_who_only_sends_hears_of_the_end) {
    half_pair p;
    co_await p.peer.write(close_frame(1001, "restart"));
    co_await brio::sleep(1s);
    const auto e = co_await error_of<http::websocket_closed>(p.ws.send("anybody?"));
    EXPECT_EQ(e.code(), 1001u);
    half_pair q;
    q.connection.reset();
    co_await brio::sleep(1s);
    co_await error_of<http::connection_lost>(q.ws.send("anybody?"));
}

BRIO_TEST(websocket_close, dropped_it_says_going_away_behind_what_was_sent) {
    half_pair p;
    co_await p.ws.send("sent before");
    p.ws = http::websocket();
    EXPECT_EQ(co_await next_frame(p.peer), "text:sent before");
    EXPECT_EQ(co_await next_frame(p.peer), "close 1001:");
    EXPECT_EQ(co_await next_frame(p.peer), "end");
}

BRIO_TEST(websocket_close, dropped_under_calls_it_ends_them) {
    half_pair p;
    auto receiving = brio::create_task(p.ws.receive());
    co_await p.ws.send(std::string(4'000'000, 'x'));
    auto sending = brio::create_task(p.ws.send("behind it"));
    auto pinging = brio::create_task(p.ws.ping());
    co_await settled();
    p.ws = http::websocket();
    co_await error_of<http::websocket_closed>(brio::detail::await_operation(receiving.join()));
    co_await error_of<http::websocket_closed>(brio::detail::await_operation(sending.join()));
    co_await error_of<http::websocket_closed>(brio::detail::await_operation(pinging.join()));
}

TEST(websocket_close, H_146_it_may_outlive_its_loop) {
    http::websocket left;
    brio::run([](http::websocket& out) -> awaitable<> {
        half_pair p;
        co_await p.ws.send("x");
        out = std::move(p.ws);
    }(left));
    left = http::websocket();
}
