// SPDX-License-Identifier: BSL-1.0
// Sends back whatever comes. usage: echo_server [PORT [HOST]]
#include "serve.hpp"

namespace {

// [handler]
brio::awaitable<> echo(brio::stream client) {
    char room[65536];
    while (const std::size_t size = co_await client.read_into(room, sizeof room)) {
        co_await client.write(std::string_view(room, size)); // waits when the peer reads too slowly
    }
}
// [/handler]

// [start]
brio::awaitable<> serve(std::string host, std::uint16_t port) {
    brio::server server = co_await brio::start_server(echo, std::move(host), port);
    for (const brio::address& where : server.addresses()) std::cout << "listening on " << where << std::endl;
    co_await server.serve_forever();
}
// [/start]

} // namespace

int main(int count, char** words) {
    return run_program([&] { return serve(word(count, words, 2, "127.0.0.1"), port_of(word(count, words, 1, "7000"))); });
}
