// SPDX-License-Identifier: BSL-1.0
// WebSockets, both ends in one program.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <iostream>
#include <string>

namespace http = brio::http;
using namespace std::chrono_literals;

// [server]
brio::awaitable<> echo(http::websocket client) {
    while (auto message = co_await client.next()) co_await client.send(std::move(*message));
}
// [/server]

brio::awaitable<> count_down(http::websocket client, http::server_request request) {
    for (int i = std::stoi(request.param("from")); i > 0; --i) co_await client.send(std::to_string(i));
    co_await client.close(4000, "lift-off");
}

// [client]
brio::awaitable<> ask(http::session& web, std::string server) {
    http::websocket_options wanted;
    wanted.protocol("echo.v1").max_message(1 << 20).heartbeat(10s);
    http::websocket ws = co_await web.websocket(server + "/echo", wanted);
    std::cout << ws.protocol() << (ws.is_compressed() ? ", compressed" : "") << "\n";

    co_await ws.send("hello");
    const http::websocket_message answer = co_await ws.receive();
    std::cout << answer.data << "\n";
    co_await ws.ping();  // there and back
    co_await ws.close();
}

brio::awaitable<> listen(http::session& web, std::string server) {
    http::websocket ws = co_await web.websocket(server + "/from/3");
    while (auto message = co_await ws.next()) std::cout << message->data << "\n";
    std::cout << *ws.close_code() << " " << ws.close_reason() << "\n";
}
// [/client]

brio::awaitable<> show() {
    // [routes]
    http::server server;
    server.websocket("/echo", echo, http::websocket_options().protocol("echo.v1"));
    server.websocket("/from/{from}", count_down);
    server.listen();
    // [/routes]
    http::session web;
    co_await ask(web, server.url());
    co_await listen(web, server.url());
    try {
        co_await web.websocket(server.url() + "/nowhere");
    } catch (const http::websocket_handshake_error& e) {
        std::cout << "status " << e.status() << "\n";
    }
    co_await web.close();
    co_await server.close();
}

int main() { brio::run(show()); }
