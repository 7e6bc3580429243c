// SPDX-License-Identifier: BSL-1.0
// Peers that break the rules, that are slow, silent or gone.
#include "http/websocket_pair.hpp"

#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
using brio::awaitable;
using options = http::websocket_options;

// The WebSocket fails with that code, and tells the peer.
awaitable<> expect_failure(std::string bytes, unsigned code, options wanted = options(), ws_role role = ws_role::client, bool deflate = false) {
    half_pair p(wanted, deflate, role);
    co_await p.peer.write(bytes);
    const auto e = co_await error_of<http::websocket_error>(p.ws.next());
    EXPECT_EQ(e.close_code(), code) << e.what();
    EXPECT_EQ(e.url(), "ws://peer.test/");
    EXPECT_EQ(p.ws.close_code(), code);
    EXPECT_EQ(co_await next_frame(p.peer), "close " + std::to_string(code) + ":") << e.what();
    EXPECT_EQ(co_await next_frame(p.peer), "end") << e.what();
    co_await error_of<http::websocket_error>(p.ws.send("x"));
    co_await error_of<http::websocket_error>(p.ws.receive());
    co_await p.ws.close();
}

// Plays a peer that answers every ping, until the connection ends.
awaitable<int> answer_pings(brio::stream& from) {
    int count = 0;
    for (;;) {
        const std::string got = co_await next_frame(from);
        if (got == "end") co_return count;
        if (!got.starts_with("ping:")) continue;
        ++count;
        co_await from.write(frame(0x8A, got.substr(5)));
    }
}

} // namespace

BRIO_TEST(websocket_peer, breaks_the_rules) {
    co_await expect_failure(masked_frame(0x81, "masked"), 1002);
    co_await expect_failure(text_frame("not masked"), 1002, options(), ws_role::server);
    co_await expect_failure(frame(0xC1, "reserved"), 1002);
    co_await expect_failure(frame(0x83, "opcode 3"), 1002);
    co_await expect_failure(frame(0x80, "continues nothing"), 1002);
    co_await expect_failure(frame(0x01, "a") + frame(0x81, "b"), 1002);
    co_await expect_failure(frame(0x09, "ping in pieces"), 1002);
    co_await expect_failure(frame(0x89, std::string(126, 'x')), 1002);
    co_await expect_failure(frame(0x88, "x"), 1002);
    co_await expect_failure(close_frame(1005), 1002);
    co_await expect_failure(close_frame(2000), 1002);
}

BRIO_TEST(websocket_peer, H_132_sends_text_that_is_not_utf8) {
    co_await expect_failure(text_frame("\xC0\x80"), 1007);
    co_await expect_failure(text_frame("\xED\xA0\x80"), 1007);
    co_await expect_failure(text_frame("cut \xE2\x82"), 1007);
    co_await expect_failure(frame(0x01, "\xE2\x82") + frame(0x80, "x"), 1007);
    co_await expect_failure(close_frame(1000, "\xFF"), 1007);
    co_await expect_failure(masked_frame(0x81, "\xFF"), 1007, options(), ws_role::server);
}

BRIO_TEST(websocket_peer, H_130_announces_too_much) {
    const std::string head("\x82\x7F", 2);
    co_await expect_failure(head + std::string("\x00\x00\x00\x00\x01\x00\x00\x01", 8), 1009);
    co_await expect_failure(head + std::string("\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8), 1009);
    co_await expect_failure(head + std::string("\x80\x00\x00\x00\x00\x00\x00\x00", 8), 1002);
    co_await expect_failure(frame(0x02, std::string(60, 'x')) + frame(0x80, std::string(41, 'x')), 1009, options().max_message(100));
    half_pair p(options().max_message(100));
    co_await p.peer.write(frame(0x02, std::string(60, 'x')) + frame(0x80, std::string(40, 'x')));
    EXPECT_EQ((co_await p.ws.receive()).data.size(), 100u);
}

BRIO_TEST(websocket_peer, sends_what_inflates_to_too_much_or_not_at_all) {
    const std::string broken = frame(0xC2, "\x06"); // a block of the reserved type
    co_await expect_failure(broken, 1007, options(), ws_role::client, true);
    io_test::memory_connection over;
    http::websocket small = websocket_over(std::move(over.near), ws_role::client, options().max_message(1'000'000), true);
    http::websocket large = websocket_over(std::move(over.far), ws_role::server, options(), true);
    co_await large.send(std::string(1'000'001, 'x'));
    const auto e = co_await error_of<http::websocket_error>(small.receive());
    EXPECT_EQ(e.close_code(), 1009u);
    EXPECT_EQ(co_await text_from(large), "closed");
    EXPECT_EQ(large.close_code(), 1009u);
}

BRIO_TEST_REAL_TIME(websocket_peer, hears_why_it_was_cut_off_although_it_goes_on_sending) {
    half_pair p(options().max_message(1000));
    auto receiving = brio::create_task(p.ws.next());
    auto sending = brio::create_task([](brio::stream& to) -> awaitable<> {
        co_await to.write(frame(0x82, std::string(3'000'000, 'x')));
    }, std::ref(p.peer));
    const auto e = co_await error_of<http::websocket_error>(brio::detail::await_operation(receiving.join()));
    EXPECT_EQ(e.close_code(), 1009u);
    EXPECT_EQ(co_await next_frame(p.peer), "close 1009:");
    co_await sending.join();
    p.peer.close();
}

BRIO_TEST(websocket_peer, pings_while_nobody_receives) {
    half_pair p;
    co_await p.peer.write(frame(0x89, "there?"));
    const auto begin = brio::get_running_loop().time();
    EXPECT_EQ(co_await next_frame(p.peer), "pong:there?");
    EXPECT_EQ(brio::get_running_loop().time() - begin, 10s) << "a third of the heartbeat";
    co_await p.peer.write(frame(0x89, "again?"));
    co_await brio::sleep(100ms);
    co_await p.ws.send("hello");
    EXPECT_EQ(co_await next_frame(p.peer), "pong:again?");
}

BRIO_TEST(websocket_peer, H_134_floods_with_pings_and_does_not_read) {
    half_pair p;
    auto receiving = brio::create_task(p.ws.next());
    std::string flood;
    for (int i = 0; i < 100'000; ++i) flood += frame(0x89, "0123456789012345678901234567890123456789");
    co_await p.peer.write(flood);
    co_await p.peer.write(text_frame("the end"));
    EXPECT_EQ((co_await receiving.join())->data, "the end");
    // The latest pongs are sent when the peer reads; what it gets is far from all of them.
    std::size_t pongs = 0;
    auto reading = brio::create_task([](brio::stream& from, std::size_t& count) -> awaitable<> {
        for (;;) {
            const std::string got = co_await next_frame(from);
            if (got == "end") co_return;
            if (got.starts_with("pong:")) ++count;
        }
    }, std::ref(p.peer), std::ref(pongs));
    co_await brio::sleep(11s);
    EXPECT_GT(pongs, 16u);
    EXPECT_LT(pongs, 20'000u);
    p.ws = http::websocket();
    co_await reading.join();
}

BRIO_TEST(websocket_peer, is_silent_and_given_up) {
    for (const bool receives : {true, false}) {
        half_pair p;
        const auto begin = brio::get_running_loop().time();
        brio::task<std::optional<http::websocket_message>> receiving;
        if (receives) receiving = brio::create_task(p.ws.next());
        EXPECT_EQ(co_await next_frame(p.peer), "ping:1");
        EXPECT_EQ(brio::get_running_loop().time() - begin, 30s);
        EXPECT_EQ(co_await next_frame(p.peer), "end");
        EXPECT_EQ(brio::get_running_loop().time() - begin, 60s);
        if (receives) co_await error_of<http::timeout>(brio::detail::await_operation(receiving.join()));
        const auto e = co_await error_of<http::timeout>(p.ws.next());
        EXPECT_TRUE(contains(text_of(e), "no sign of life for 60.0 s")) << e.what();
        EXPECT_EQ(p.ws.close_code(), 1006u);
        co_await error_of<http::timeout>(p.ws.send("x"));
    }
}

BRIO_TEST(websocket_peer, that_answers_pings_lives) {
    for (const bool receives : {true, false}) {
        half_pair p(options().heartbeat(3s, 4s));
        brio::task<std::optional<http::websocket_message>> receiving;
        if (receives) receiving = brio::create_task(p.ws.next());
        auto answering = brio::create_task(answer_pings(p.peer));
        co_await brio::sleep(100s);
        EXPECT_TRUE(p.ws.is_open());
        p.ws = http::websocket();
        const int count = co_await answering.join();
        EXPECT_GE(count, 20);
        EXPECT_LE(count, 34);
        if (receives) {
            EXPECT_FALSE((co_await receiving.join()).has_value());
        }
    }
}

BRIO_TEST(websocket_peer, that_talks_is_not_pinged) {
    half_pair p(options().heartbeat(3s));
    auto receiving = brio::create_task([](http::websocket& from) -> awaitable<> {
        while (co_await from.next()) {}
    }, std::ref(p.ws));
    for (int i = 0; i < 20; ++i) {
        co_await p.peer.write(text_frame("tick"));
        co_await brio::sleep(2s);
    }
    co_await p.peer.write(close_frame(1000));
    EXPECT_EQ(co_await next_frame(p.peer), "close 1000:");
    co_await receiving.join();
}

BRIO_TEST(websocket_peer, is_left_alone_without_a_heartbeat) {
    half_pair p(options().heartbeat(0s));
    auto receiving = brio::create_task(p.ws.next());
    co_await brio::sleep(24h);
    EXPECT_TRUE(p.ws.is_open());
    co_await p.peer.write(close_frame(1000));
    EXPECT_FALSE((co_await receiving.join()).has_value());
}

BRIO_TEST(websocket_peer, sends_while_nobody_takes_it_and_is_not_given_up) {
    half_pair p;
    std::string many;
    for (int i = 0; i < 100; ++i) many += text_frame(std::string(10'000, 'x'));
    p.peer.write(many);
    co_await brio::sleep(1h);
    EXPECT_TRUE(p.ws.is_open());
    for (int i = 0; i < 100; ++i) EXPECT_EQ((co_await p.ws.receive()).data.size(), 10'000u);
}

BRIO_TEST(websocket_peer, answers_a_ping) {
    websocket_pair p;
    auto receiving = brio::create_task(p.server.next());
    const auto took = co_await p.client.ping();
    EXPECT_EQ(took, 0s) << "no time has passed";
    half_pair q;
    auto first = brio::create_task(q.ws.ping());
    auto second = brio::create_task(q.ws.ping());
    EXPECT_EQ(co_await next_frame(q.peer), "ping:1");
    EXPECT_EQ(co_await next_frame(q.peer), "ping:2");
    co_await q.peer.write(frame(0x8A, "") + frame(0x8A, "3") + frame(0x8A, "x") + frame(0x8A, "1x"));
    co_await brio::sleep(2s);
    EXPECT_FALSE(first.done() || second.done()) << "pongs that answer nothing";
    co_await q.peer.write(frame(0x8A, "2"));
    EXPECT_EQ(co_await first.join(), 2s) << "a later pong answers earlier pings, too";
    EXPECT_EQ(co_await second.join(), 2s);
    co_await p.client.close();
    EXPECT_FALSE((co_await receiving.join()).has_value());
}

BRIO_TEST(websocket_peer, answers_a_ping_behind_messages) {
    half_pair p;
    auto pinging = brio::create_task(p.ws.ping());
    EXPECT_EQ(co_await next_frame(p.peer), "ping:1");
    co_await p.peer.write(text_frame("one") + text_frame("two") + frame(0x8A, "1"));
    co_await pinging.join();
    EXPECT_EQ(co_await text_from(p.ws), "one");
    EXPECT_EQ(co_await text_from(p.ws), "two");
    auto waiting = brio::create_task(p.ws.ping());
    EXPECT_EQ(co_await next_frame(p.peer), "ping:2");
    co_await p.peer.write(text_frame(std::string(70'000, 'x')) + text_frame("behind") + frame(0x8A, "2"));
    co_await brio::sleep(1s);
    EXPECT_FALSE(waiting.done()) << "too much to be kept";
    EXPECT_EQ((co_await text_from(p.ws)).size(), 70'000u);
    co_await waiting.join();
    EXPECT_EQ(co_await text_from(p.ws), "behind");
}

BRIO_TEST(websocket_peer, a_cancelled_ping_leaves_everything_as_it_was) {
    half_pair p;
    auto before = brio::create_task(p.ws.ping());
    before.cancel();
    EXPECT_TRUE(co_await is_cancelled(before));
    auto waiting = brio::create_task(p.ws.ping());
    EXPECT_EQ(co_await next_frame(p.peer), "ping:1");
    waiting.cancel();
    EXPECT_TRUE(co_await is_cancelled(waiting));
    co_await p.peer.write(frame(0x8A, "1") + text_frame("hello"));
    EXPECT_EQ(co_await text_from(p.ws), "hello");
}
