// SPDX-License-Identifier: BSL-1.0
// How servers end (asyncio.md 2.22, SRV-7 to SRV-12, SRV-21).
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/testing/test.hpp>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace {

using namespace std::chrono_literals;
using namespace brio_test;
using brio::address;
using brio::awaitable;
using brio::create_task;
using brio::open_connection;
using brio::server;
using brio::start_server;
using brio::stream;

// Serves until the client goes.
awaitable<> idle(stream client) { co_await client.read(); }

awaitable<stream> client_of(const server& s) { return open_connection("127.0.0.1", s.port()); }

// Until the server has taken `count` connections.
awaitable<> until_count(const server& s, std::size_t count) {
    while (s.client_count() != count) co_await brio::sleep(0s);
}

BRIO_TEST(server_end, SRV_7_wait_closed_waits_for_the_close_and_the_last_client) {
    server s = co_await start_server(&idle, "127.0.0.1", 0);
    brio::task<> waiting = create_task(s.wait_closed());
    co_await settle();
    EXPECT_FALSE(waiting.done()) << "open, without a client";
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    s.close();
    co_await settle();
    EXPECT_FALSE(waiting.done()) << "closed, with a client";
    client.close();
    co_await waiting.join();
    EXPECT_EQ(s.client_count(), 0u);
}

BRIO_TEST(server_end, SRV_7_in_the_other_order) {
    server s = co_await start_server(&idle, "127.0.0.1", 0);
    brio::task<> waiting = create_task(s.wait_closed());
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    client.close();
    co_await until_count(s, 0);
    co_await settle();
    EXPECT_FALSE(waiting.done()) << "no client, but not closed";
    s.close();
    co_await waiting.join();
}

// What a handler refers to must not go before it has ended.
BRIO_TEST(server_end, SRV_7_wait_closed_waits_for_the_handlers_as_well) {
    brio::event begun;
    brio::event go_on;
    bool ended = false;
    const auto handler = [&](stream client) -> awaitable<> {
        begun.set();
        client.abort();
        co_await go_on.wait();
        ended = true;
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    stream client = co_await client_of(s);
    co_await begun.wait();
    s.close();
    brio::task<> waiting = create_task(s.wait_closed());
    co_await settle();
    EXPECT_EQ(s.client_count(), 0u);
    EXPECT_FALSE(waiting.done());
    go_on.set();
    co_await waiting.join();
    EXPECT_TRUE(ended);
    client.abort();
}

BRIO_TEST(server_end, a_handler_that_is_cancelled_before_it_begins_counts_as_ended) {
    bool begun = false;
    const auto handler = [&begun](stream) -> awaitable<> {
        begun = true;
        co_return;
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    s.cancel_clients();
    s.close();
    co_await s.wait_closed();
    EXPECT_FALSE(begun);
    client.abort();
}

BRIO_TEST(server_end, SRV_8_the_last_client_leaves_in_the_turn_of_the_close) {
    stream inside;
    const auto keep = [&inside](stream client) { inside = std::move(client); };
    server s = co_await start_server(keep, "127.0.0.1", 0);
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    brio::task<> waiting = create_task(s.wait_closed());
    co_await settle();
    brio::get_running_loop().call_soon([&] {
        s.close();
        inside.abort();
    });
    co_await waiting.join();
    client.abort();
}

BRIO_TEST(server_end, SRV_9_waiting_for_a_finished_server_returns_at_once) {
    server s = co_await start_server(&idle, "127.0.0.1", 0);
    s.close();
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    co_await s.wait_closed();
    co_await s.wait_closed();
    co_await server().wait_closed();
    EXPECT_FALSE(turned);
    co_await settle();
}

BRIO_TEST(server_end, a_cancelled_wait_closed_changes_nothing) {
    server s = co_await start_server(&idle, "127.0.0.1", 0);
    EXPECT_EQ(co_await given_up(s.wait_closed()), "cancelled");
    EXPECT_TRUE(s.is_serving());
    s.close();
    co_await s.wait_closed();
}

BRIO_TEST(server_end, SRV_10_close_does_not_touch_open_connections) {
    const auto echo = [](stream client) -> awaitable<> {
        while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
    };
    server s = co_await start_server(echo, "127.0.0.1", 0);
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    s.close();
    co_await client.write("still?\n");
    EXPECT_EQ(co_await client.read_line(), "still?\n");
    client.close();
    co_await s.wait_closed();
}

BRIO_TEST(server_end, SRV_11_close_clients_closes_all_connections_and_flushes) {
    stream inside;
    const auto keep = [&inside](stream client) { inside = std::move(client); };
    server s = co_await start_server(keep, "127.0.0.1", 0);
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    const std::string big(5'000'000, 'b');
    inside.write(big);
    EXPECT_GT(inside.pending_write_bytes(), 0u);
    s.close();
    s.close_clients();
    EXPECT_TRUE(inside.is_closing());
    const std::string got = co_await client.read();
    EXPECT_TRUE(got == big) << got.size();
    co_await s.wait_closed();
    client.abort();
}

BRIO_TEST(server_end, SRV_11_handlers_find_the_end) {
    std::string how;
    const auto handler = [&how](stream client) -> awaitable<> { how = "[" + co_await client.read() + "]"; };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    s.close_clients();
    EXPECT_TRUE(s.is_serving()) << "it goes on to accept";
    EXPECT_EQ(co_await client.read(), "");
    co_await settle();
    EXPECT_EQ(how, "[]");
    s.close();
    co_await s.wait_closed();
    client.abort();
}

BRIO_TEST(server_end, SRV_12_abort_clients_drops_unsent_data) {
    stream inside;
    const auto keep = [&inside](stream client) { inside = std::move(client); };
    server s = co_await start_server(keep, "127.0.0.1", 0);
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    inside.write(std::string(20'000'000, 'b'));
    EXPECT_GT(inside.pending_write_bytes(), 0u);
    s.close();
    s.abort_clients();
    EXPECT_EQ(s.client_count(), 0u);
    co_await s.wait_closed();
    std::size_t got = 0;
    try {
        while (true) {
            const std::string part = co_await client.read(1 << 20);
            if (part.empty()) break;
            got += part.size();
        }
    } catch (const std::system_error& e) {
        EXPECT_EQ(e.code().value(), ECONNRESET);
    }
    EXPECT_LT(got, 20'000'000u);
    client.abort();
}

BRIO_TEST(server_end, SRV_21_after_close_connections_are_refused) {
    server s = co_await start_server(&idle, "127.0.0.1", 0);
    const address where = s.addresses().front();
    s.close();
    s.close();
    EXPECT_FALSE(s.is_serving());
    EXPECT_TRUE(s.addresses().empty());
    EXPECT_TRUE(s.sockets().empty());
    const brio::unique_descriptor late = stream_socket();
    const std::string text = co_await end_of(brio::sock_connect(late.get(), where));
    EXPECT_NE(text.find("Connection refused"), std::string::npos) << text;
}

BRIO_TEST(server_end, destroying_it_closes_it_and_connections_go_on) {
    stream inside;
    const auto keep = [&inside](stream client) { inside = std::move(client); };
    stream client;
    address where;
    {
        server s = co_await start_server(keep, "127.0.0.1", 0);
        where = s.addresses().front();
        client = co_await client_of(s);
        co_await until_count(s, 1);
    }
    const brio::unique_descriptor late = stream_socket();
    EXPECT_NE((co_await end_of(brio::sock_connect(late.get(), where))).find("Connection refused"), std::string::npos);
    co_await inside.write("still here\n");
    EXPECT_EQ(co_await client.read_line(), "still here\n");
    inside.abort();
    client.abort();
}

BRIO_TEST(server_end, moves) {
    server a = co_await start_server(&idle, "127.0.0.1", 0);
    const std::uint16_t port = a.port();
    server b = std::move(a);
    EXPECT_FALSE(a.is_serving());
    EXPECT_EQ(b.port(), port);
    server c = co_await start_server(&idle, "127.0.0.1", 0);
    const address dropped = c.addresses().front();
    c = std::move(b);
    EXPECT_EQ(c.port(), port);
    const brio::unique_descriptor late = stream_socket();
    EXPECT_NE((co_await end_of(brio::sock_connect(late.get(), dropped))).find("Connection refused"), std::string::npos);
}

BRIO_TEST(server_end, serve_forever_ends_by_close) {
    server s = co_await start_server(&idle, "127.0.0.1", 0, brio::server_options().start_serving(false));
    brio::task<> serving = create_task(s.serve_forever());
    co_await settle();
    EXPECT_TRUE(s.is_serving());
    EXPECT_EQ(co_await end_of(s.serve_forever()), "serve_forever(): another task serves this server already");
    s.close();
    co_await serving.join();
    EXPECT_THROW(static_cast<void>(s.serve_forever()), brio::invalid_state_error);
}

BRIO_TEST(server_end, a_cancelled_serve_forever_closes_everything_and_waits_for_it) {
    bool ended = false;
    brio::event never;
    const auto handler = [&](stream client) -> awaitable<> {
        client.write("last words\n");
        try {
            co_await never.wait();
        } catch (const brio::cancelled_error&) {
            ended = true;
            throw;
        }
    };
    server s = co_await start_server(handler, "127.0.0.1", 0);
    brio::task<> serving = create_task(s.serve_forever());
    stream client = co_await client_of(s);
    co_await until_count(s, 1);
    co_await settle();
    serving.cancel();
    EXPECT_EQ(co_await end_of(serving.join()), "cancelled");
    EXPECT_FALSE(s.is_serving());
    EXPECT_EQ(s.client_count(), 0u);
    EXPECT_TRUE(ended);
    EXPECT_EQ(co_await client.read(), "last words\n") << "what was written is sent";
    client.abort();
}

}  // namespace
