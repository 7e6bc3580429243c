// SPDX-License-Identifier: BSL-1.0
// WebSockets cancelled at every await: no message is lost, doubled or cut, nothing is left behind.
#include "http/websocket_pair.hpp"

#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
using brio::awaitable;
using brio::testing::cancel_at_each_await;
using brio::testing::scenario_options;
using brio::testing::with_state;
using message_list = std::vector<std::string>;

struct transcript {
    message_list sent;
    message_list received;
    bool finished = false;
};

// Sends until it is cancelled; what was cancelled is not counted.
awaitable<> send_all(http::websocket& to, message_list& sent) {
    for (const std::size_t size : {10U, 5'000U, 100'000U, 20U, 70'000U}) {
        const std::string text = std::to_string(sent.size()) + ":" + std::string(size, 'x');
        co_await to.send(text);
        sent.push_back(text);
    }
}

awaitable<> receive_all(http::websocket& from, message_list& received) {
    while (const auto got = co_await from.next()) received.push_back(got->data);
}

// Waits for a task, however often the waiting one is cancelled.
awaitable<> outlast(brio::task<> one) {
    while (!one.done()) {
        try {
            co_await brio::shield(one);
        } catch (const brio::cancelled_error&) {
        }
    }
}

// Whatever happens to the sender: what it counts has arrived, and nothing else.
awaitable<> cancelled_sender(transcript& t) {
    websocket_pair p;
    auto receiving = brio::create_task(receive_all(p.server, t.received));
    std::exception_ptr cancelled;
    try {
        co_await send_all(p.client, t.sent);
        co_await p.client.close();
    } catch (...) {
        cancelled = std::current_exception();
    }
    co_await outlast(brio::create_task(p.client.close()));
    co_await outlast(receiving);
    t.finished = true;
    if (cancelled) std::rethrow_exception(cancelled);
}

// Whenever its receives are cancelled, the next one goes on.
awaitable<> cancelled_receiver(transcript& t) {
    websocket_pair p;
    auto sending = brio::create_task([](http::websocket& to, message_list& sent) -> awaitable<> {
        co_await send_all(to, sent);
        co_await to.close();
    }, std::ref(p.client), std::ref(t.sent));
    for (bool more = true; more;) {
        try {
            co_await receive_all(p.server, t.received);
            more = false;
        } catch (const brio::cancelled_error&) {
        }
    }
    t.finished = true;
    co_await outlast(sending);
}

awaitable<> conversation() {
    websocket_pair p(http::websocket_options(), true);
    auto echoing = brio::create_task([](http::websocket with) -> awaitable<> {
        while (auto got = co_await with.next()) co_await with.send(std::move(*got));
    }, std::move(p.server));
    co_await p.client.send(std::string(100'000, 'a'));
    auto pinging = brio::create_task(p.client.ping());
    co_await p.client.receive();
    co_await pinging.join();
    co_await p.client.close();
    co_await echoing.join();
}

// Both close at once, and somebody receives.
awaitable<> closing() {
    websocket_pair p;
    auto receiving = brio::create_task(p.client.next());
    co_await brio::gather(p.client.close(), p.server.close());
    co_await receiving.join();
}

} // namespace

TEST(websocket_sweep, a_cancelled_send_is_whole_or_nothing) {
    cancel_at_each_await(with_state<transcript>(cancelled_sender, [](transcript& t) {
        if (t.finished) {
            EXPECT_EQ(t.received, t.sent);
        }
    }));
}

TEST(websocket_sweep, cancelled_receives_lose_nothing) {
    cancel_at_each_await(with_state<transcript>(cancelled_receiver, [](transcript& t) {
        if (t.finished) {
            EXPECT_EQ(t.received, t.sent);
            EXPECT_EQ(t.received.size(), 5u);
        }
    }));
}

TEST(websocket_sweep, a_conversation) { cancel_at_each_await(conversation, scenario_options().allow_leftovers()); }
TEST(websocket_sweep, a_conversation_any_task_of_it) {
    cancel_at_each_await(conversation, scenario_options().allow_leftovers().every_task());
}
TEST(websocket_sweep, a_conversation_in_a_hundred_schedules) { brio::testing::for_each_seed(conversation, 1, 101); }
TEST(websocket_sweep, closing_from_both_sides) { cancel_at_each_await(closing, scenario_options().allow_leftovers().every_task()); }
TEST(websocket_sweep, closing_in_a_hundred_schedules) { brio::testing::for_each_seed(closing, 1, 101); }
TEST(websocket_sweep, a_connection_that_breaks_at_any_moment) { brio::testing::fail_each(conversation, scenario_options().allow_leftovers()); }
