// SPDX-License-Identifier: BSL-1.0
// An echo server on all cores: a loop in each, each with a listening socket of its own on the same port.
// usage: many_loops [PORT [LOOPS]]
#include "serve.hpp"

#include <brio/thread/loop_pool.hpp>

namespace {

// [loops]
brio::awaitable<> echo(brio::stream client) {
    while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
}

// Runs in each of the loops; the system spreads the connections over them.
brio::awaitable<> serve(std::uint16_t port) {
    brio::server server = co_await brio::start_server(echo, "127.0.0.1", port, brio::server_options().reuse_port());
    co_await server.serve_forever();
}

brio::awaitable<> serve_on_all(std::uint16_t port, std::size_t loops) {
    brio::loop_pool pool(loops);
    std::cout << "serving port " << port << " with " << pool.size() << " loops" << std::endl;
    co_await pool.run_on_all(serve, port);
}
// [/loops]

} // namespace

int main(int count, char** words) {
    return run_program([&] {
        return serve_on_all(port_of(word(count, words, 1, "7002")), static_cast<std::size_t>(port_of(word(count, words, 2, "0"))));
    });
}
