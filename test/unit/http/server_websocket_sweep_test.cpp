// SPDX-License-Identifier: BSL-1.0
// A whole program, session, server and WebSockets over TCP, cancelled at every await and run in many orders.
#include "http/error_of.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using brio::awaitable;
using brio::testing::cancel_at_each_await;
using brio::testing::scenario_options;
namespace http = brio::http;

awaitable<> echo(http::websocket ws) {
    while (auto message = co_await ws.next()) co_await ws.send(std::move(*message));
}

awaitable<> program() {
    http::server server;
    server.websocket("/", echo);
    server.listen();
    http::session session;
    http::websocket ws = co_await session.websocket(server.url());
    co_await ws.send("hello");
    const http::websocket_message back = co_await ws.receive();
    EXPECT_EQ(back.data, "hello");
    co_await ws.close();
    if (brio::testing::injected_cancels() == 0) {
        EXPECT_EQ(ws.close_code(), 1000U);
    }
    co_await server.close();
}

// The server closes, and both sides are in the middle of something.
awaitable<> interrupted() {
    http::server server;
    server.websocket("/", echo);
    server.listen();
    http::session session;
    http::websocket ws = co_await session.websocket(server.url());
    auto receiving = brio::create_task(ws.next());
    co_await ws.send(std::string(300'000, 'x'));
    co_await server.close();
    try {
        co_await receiving.join();
    } catch (const http::connection_lost&) {
    }
}

} // namespace

TEST(server_websocket_sweep, a_conversation) { cancel_at_each_await(program, scenario_options().allow_leftovers()); }
TEST(server_websocket_sweep, a_conversation_any_task_of_it) {
    const auto tolerant = []() -> awaitable<> {
        try {
            co_await program();
        } catch (const http::error&) {  // whoever was cancelled has hung up
        }
    };
    cancel_at_each_await(tolerant, scenario_options().allow_leftovers().every_task());
}
TEST(server_websocket_sweep, a_conversation_in_fifty_orders) { brio::testing::for_each_seed(program, 1, 51); }
TEST(server_websocket_sweep, a_server_that_closes) { cancel_at_each_await(interrupted, scenario_options().allow_leftovers()); }
