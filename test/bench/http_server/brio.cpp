// SPDX-License-Identifier: BSL-1.0
// A hello-world server in one loop, for wrk. usage: brio_bench_http_server PORT [FOLDER]
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace {

namespace http = brio::http;

brio::awaitable<http::reply> hello(http::server_request) { co_return http::reply::text("Hello, World!"); }

brio::awaitable<http::reply> user(http::server_request request) { co_return http::reply::text("user " + request.param("id")); }

brio::awaitable<> serve(std::uint16_t port, std::string folder) {
    http::server server;
    server.get("/", hello).get("/users/{id}", user);
    if (!folder.empty()) server.files("/files", folder);
    server.listen("127.0.0.1", port);
    std::cout << "listening" << std::endl;
    co_await server.serve_forever();
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    try {
        brio::run(serve(static_cast<std::uint16_t>(std::atoi(words[1])), count > 2 ? words[2] : ""));
    } catch (const brio::interrupted&) {
    }
}
