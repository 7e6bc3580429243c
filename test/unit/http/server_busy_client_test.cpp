// SPDX-License-Identifier: BSL-1.0
// Clients that always have something to say: the loop is not theirs alone.
#include "http/error_of.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

namespace {

using namespace http_test;
namespace http = brio::http;

// Writes for as long as the server takes it, and throws away what comes back.
void busy_client(std::uint16_t port, bool uploads, const std::atomic<bool>& done) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    std::string out = uploads ? "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" : "";
    std::string more(uploads ? 256 * 1024 : 0, 'x');
    while (!uploads && more.size() < 64 * 1024) more += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    std::string in(256 * 1024, 0);
    while (!done) {
        if (out.size() < more.size()) out += more;
        pollfd ready{socket, POLLIN | POLLOUT, 0};
        ::poll(&ready, 1, 50);
        while (::recv(socket, in.data(), in.size(), 0) > 0) {
        }
        const ssize_t n = ::send(socket, out.data(), out.size(), MSG_NOSIGNAL);
        if (n > 0) out.erase(0, static_cast<std::size_t>(n));
    }
    ::close(socket);
}

}  // namespace

BRIO_TEST_REAL_TIME(server_busy_client, one_that_is_never_idle_lets_others_run) {
    http::server server;
    server.get("/", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::text("here"); });
    server.post("/", [](http::server_request request) -> brio::awaitable<http::reply> {
        while (co_await request.next_chunk()) {
            const auto until = std::chrono::steady_clock::now() + 200us;
            while (std::chrono::steady_clock::now() < until) {
            }
        }
        co_return http::reply();
    }, http::route_options().stream_body().max_body(1u << 30));
    server.listen();
    for (const bool uploads : {false, true}) {
        std::atomic<bool> done = false;
        std::thread flood([port = server.port(), uploads, &done] { busy_client(port, uploads, done); });
        std::chrono::steady_clock::duration longest{};
        const auto end = std::chrono::steady_clock::now() + 1s;
        for (auto last = std::chrono::steady_clock::now(); last < end;) {
            co_await brio::sleep(5ms);
            const auto now = std::chrono::steady_clock::now();
            longest = std::max(longest, now - last);
            last = now;
        }
        done = true;
        flood.join();
        EXPECT_LT(longest, 250ms) << (uploads ? "an upload" : "requests");
    }
    co_await server.close();
}
