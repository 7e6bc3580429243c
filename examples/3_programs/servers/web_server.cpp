// SPDX-License-Identifier: BSL-1.0
// Serves a folder over HTTP, with a loop on each core and an access log. usage: web_server FOLDER [PORT [HOST [LOOPS]]]
#include "serve.hpp"

#include <brio/http.hpp>
#include <brio/thread/loop_pool.hpp>

#include <chrono>

namespace {

namespace http = brio::http;
using namespace std::chrono_literals;

// [web]
http::server_options options() {
    http::server_options how;
    how.reuse_port().compress().access_log(http::log_access).shutdown_grace(5s);
    return how;
}

// Runs in each of the loops; the system spreads the connections over them. Ctrl-C lets downloads go on for 5 s.
brio::awaitable<> serve(std::string folder, std::string host, std::uint16_t port) {
    http::server server(options());
    server.files("/", folder, http::file_options().precompressed().max_age(60s));
    server.listen(host, port);
    co_await server.serve_forever();
}
// [/web]

// This loop serves as well, so the port is known, and an error is told, before the others begin.
brio::awaitable<> serve_on_all(std::string folder, std::string host, std::uint16_t port, std::size_t loops) {
    brio::loop_pool pool(loops);
    http::server first(options());
    first.files("/", folder, http::file_options().precompressed().max_age(60s));
    first.listen(host, port);
    std::cout << "listening on " << first.url().substr(7) << std::endl;
    const std::uint16_t chosen = first.port();
    co_await brio::gather(first.serve_forever(), pool.run_on_all(serve, folder, host, chosen));
}

} // namespace

int main(int count, char** words) {
    if (count < 2) {
        std::cerr << "usage: web_server FOLDER [PORT [HOST [LOOPS]]]\n";
        return 2;
    }
    return run_program([&] {
        return serve_on_all(words[1], word(count, words, 3, "127.0.0.1"), port_of(word(count, words, 2, "8080")),
                            static_cast<std::size_t>(port_of(word(count, words, 4, "0"))));
    });
}
