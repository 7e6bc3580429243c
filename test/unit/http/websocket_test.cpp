// SPDX-License-Identifier: BSL-1.0
// Messages through a WebSocket: kinds, fragments, limits, several tasks, cancellation.
#include "http/websocket_pair.hpp"

#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
using brio::awaitable;
using kind = http::websocket_message::kind;

} // namespace

BRIO_TEST(websocket, messages_of_both_kinds_go_both_ways) {
    for (const bool deflate : {false, true}) {
        websocket_pair p(http::websocket_options(), deflate);
        EXPECT_EQ(p.client.is_compressed(), deflate);
        for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U, 1'000'000U}) {
            const http::websocket_message text(kind::text, std::string(size, 'x'));
            const http::websocket_message bytes(kind::binary, std::string(size, '\xFF'));
            auto from_client = brio::create_task(p.client.send(text.data));
            EXPECT_EQ(co_await p.server.receive(), text) << size;
            co_await from_client.join();
            auto from_server = brio::create_task(p.server.send_binary(bytes.data));
            EXPECT_EQ(co_await p.client.receive(), bytes) << size;
            co_await from_server.join();
        }
        co_await p.server.send(http::websocket_message(kind::binary, "again"));
        const auto again = co_await p.client.next();
        BRIO_ASSERT_TRUE(again.has_value());
        EXPECT_FALSE(again->is_text());
        auto closing = brio::create_task(p.client.close());
        EXPECT_FALSE((co_await p.server.next()).has_value());
        co_await closing.join();
        EXPECT_EQ(p.client.close_code(), 1000u);
        EXPECT_EQ(p.server.close_code(), 1000u);
    }
}

BRIO_TEST(websocket, what_came_behind_the_handshake_is_not_lost) {
    io_test::memory_connection over;
    http::websocket ws = websocket_over(std::move(over.near), ws_role::client, http::websocket_options(), false, text_frame("early") + text_frame("two").substr(0, 3));
    brio::stream peer = brio::detail::stream_access::make(std::move(over.far));
    co_await peer.write(text_frame("two").substr(3));
    EXPECT_EQ(co_await text_from(ws), "early");
    EXPECT_EQ(co_await text_from(ws), "two");
}

BRIO_TEST(websocket, fragments_with_pings_between_them) {
    half_pair p;
    co_await p.peer.write(frame(0x01, "one ") + frame(0x89, "p1") + frame(0x00, "two ") + frame(0x89, "p2") + frame(0x80, "three"));
    EXPECT_EQ(co_await text_from(p.ws), "one two three");
    EXPECT_EQ(co_await next_frame(p.peer), "pong:p1");
    EXPECT_EQ(co_await next_frame(p.peer), "pong:p2");
}

BRIO_TEST(websocket, H_135_frames_of_a_client_are_masked_each_with_its_own_key) {
    half_pair p;
    co_await p.ws.send("same");
    co_await p.ws.send("same");
    const std::string one = co_await p.peer.read_exactly(10);
    const std::string two = co_await p.peer.read_exactly(10);
    EXPECT_NE(one.substr(2, 4), two.substr(2, 4));
    EXPECT_EQ(one[1] & 0x80, 0x80);
}

BRIO_TEST(websocket, a_message_in_single_bytes) {
    half_pair p;
    auto sending = brio::create_task([](brio::stream& to) -> awaitable<> {
        for (const char c : frame(0x01, "\xE2\x82") + frame(0x80, "\xAC!")) {
            co_await to.write(std::string(1, c));
            co_await settled();
        }
    }, std::ref(p.peer));
    EXPECT_EQ(co_await text_from(p.ws), "\xE2\x82\xAC!");
    co_await sending.join();
}

BRIO_TEST(websocket, text_must_be_utf8_and_nothing_is_sent) {
    half_pair p;
    co_await error_of<http::invalid_request>(p.ws.send("\xC3("));
    co_await p.ws.send("fine");
    EXPECT_EQ(co_await next_frame(p.peer), "text:fine");
}

BRIO_TEST(websocket, one_task_receives_at_a_time) {
    half_pair p;
    auto first = brio::create_task(p.ws.receive());
    co_await settled();
    co_await error_of<brio::invalid_state_error>(p.ws.receive());
    co_await error_of<brio::invalid_state_error>(p.ws.next());
    co_await p.peer.write(text_frame("for the first"));
    EXPECT_EQ((co_await first.join()).data, "for the first");
}

BRIO_TEST(websocket, a_cancelled_receive_loses_nothing) {
    half_pair p;
    auto before = brio::create_task(p.ws.receive());
    before.cancel();
    EXPECT_TRUE(co_await is_cancelled(before));
    auto waiting = brio::create_task(p.ws.receive());
    co_await p.peer.write(text_frame("a message").substr(0, 5));
    co_await settled();
    waiting.cancel();
    EXPECT_TRUE(co_await is_cancelled(waiting));
    co_await p.peer.write(text_frame("a message").substr(5));
    co_await error_of<brio::timeout_error>(brio::detail::await_operation(brio::wait_for(p.ws.ping(), 5ms)));
    EXPECT_EQ(co_await text_from(p.ws), "a message") << "it came while somebody else was reading";
    auto done = brio::create_task(p.ws.receive());
    co_await p.peer.write(text_frame("another"));
    co_await settled();
    EXPECT_FALSE(done.cancel()) << "complete";
    EXPECT_EQ((co_await done.join()).data, "another");
}

BRIO_TEST_FIFO(websocket, sends_of_many_tasks_come_out_whole_and_in_order) {
    half_pair p;
    std::vector<brio::task<>> sending;
    for (char c = 'a'; c < 'k'; ++c) sending.push_back(brio::create_task(p.ws.send(std::string(100'000, c))));
    co_await settled();
    for (char c = 'a'; c < 'k'; ++c) {
        const seen_frame got = co_await read_frame(p.peer);
        EXPECT_TRUE(got.payload == std::string(100'000, c)) << c;
    }
    co_await brio::gather(std::move(sending));
}

BRIO_TEST(websocket, senders_are_held_back_by_a_slow_peer) {
    half_pair p;
    std::size_t sent = 0;
    auto sending = brio::create_task([](http::websocket& to, std::size_t& count) -> awaitable<> {
        for (; count < 400; ++count) co_await to.send(std::string(16 * 1024, 'x'));
    }, std::ref(p.ws), std::ref(sent));
    co_await settled();
    const std::size_t held = sent;
    EXPECT_LT(held, 300u);
    co_await settled();
    EXPECT_EQ(sent, held) << "nothing goes on while the peer reads nothing";
    for (int i = 0; i < 400; ++i) EXPECT_EQ((co_await read_frame(p.peer)).payload.size(), 16u * 1024);
    co_await sending.join();
}

BRIO_TEST_FIFO(websocket, a_cancelled_send_sends_nothing_and_those_behind_it_go_on) {
    half_pair p;
    auto before = brio::create_task(p.ws.send("never"));
    before.cancel();
    EXPECT_TRUE(co_await is_cancelled(before));
    std::vector<brio::task<>> sending;
    sending.push_back(brio::create_task(p.ws.send(std::string(4'000'000, 'a'))));  // goes at once, and fills everything
    sending.push_back(brio::create_task(p.ws.send("waits for room")));
    sending.push_back(brio::create_task(p.ws.send("waits for its turn")));
    sending.push_back(brio::create_task(p.ws.send("last")));
    co_await settled();
    EXPECT_TRUE(sending[0].done());
    EXPECT_FALSE(sending[1].done());
    for (const int i : {2, 1}) {
        sending[static_cast<std::size_t>(i)].cancel();
        EXPECT_TRUE(co_await is_cancelled(sending[static_cast<std::size_t>(i)]));
    }
    EXPECT_EQ((co_await read_frame(p.peer)).payload.size(), 4'000'000u);
    EXPECT_EQ(co_await next_frame(p.peer), "text:last");
    co_await sending[3].join();
}

BRIO_TEST(websocket, no_websocket_says_so) {
    http::websocket none;
    EXPECT_FALSE(none);
    EXPECT_FALSE(none.is_open());
    EXPECT_FALSE(none.close_code().has_value());
    EXPECT_THROW((void)none.send("x"), brio::invalid_state_error);
    EXPECT_THROW((void)none.protocol(), brio::invalid_state_error);
    half_pair p;
    http::websocket moved = std::move(p.ws);
    EXPECT_THROW((void)p.ws.next(), brio::invalid_state_error);
    EXPECT_TRUE(moved.is_open());
    co_await moved.send("x");
    EXPECT_EQ(co_await next_frame(p.peer), "text:x");
}

BRIO_TEST(websocket, assigning_to_one_ends_the_old_one) {
    half_pair old;
    half_pair other;
    old.ws = std::move(other.ws);
    EXPECT_EQ(co_await next_frame(old.peer), "close 1001:");
    EXPECT_EQ(co_await next_frame(old.peer), "end");
    co_await old.ws.send("still there");
    EXPECT_EQ(co_await next_frame(other.peer), "text:still there");
}
