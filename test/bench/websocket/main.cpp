// SPDX-License-Identifier: BSL-1.0
// Echoes through a WebSocket over the loopback interface, both ends in one thread.
// usage: CONTESTANT COUNT SIZE IN_FLIGHT [deflate]     (contestant: brio, beast)
// prints: contestant count size in_flight plain|deflate seconds messages_per_s cpu_user cpu_sys
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = brio::http;
using tcp = asio::ip::tcp;
using std::chrono::steady_clock;

struct workload {
    int count = 0;
    std::size_t size = 0;
    int in_flight = 1;
    bool deflate = false;
};
workload work;

[[noreturn]] void die(const char* what) {
    std::fprintf(stderr, "FAILED: %s\n", what);
    std::exit(1);
}

std::string text() {
    std::string made;
    while (made.size() < work.size) made += "{\"id\":" + std::to_string(made.size()) + ",\"name\":\"ada\"},";
    made.resize(work.size);
    return made;
}

// ---- brio

brio::awaitable<> echo(http::websocket with) {
    while (auto message = co_await with.next()) co_await with.send(std::move(*message));
}

brio::awaitable<> talk(http::websocket& with) {
    const std::string line = text();
    for (int i = 0; i < work.in_flight; ++i) co_await with.send(line);
    for (int sent = work.in_flight, got = 0; got < work.count; ++got) {
        const http::websocket_message back = co_await with.receive();
        if (back.data.size() != line.size()) die("size");
        if (sent++ < work.count) co_await with.send(line);
    }
}

double run_brio() {
    double seconds = 0;
    brio::run([](double& out) -> brio::awaitable<> {
        http::websocket_options options;
        options.compress(work.deflate);
        http::server server;
        server.websocket("/", echo, options);
        server.listen();
        http::session session;
        http::websocket ws = co_await session.websocket(server.url(), options);
        const auto begin = steady_clock::now();
        co_await talk(ws);
        out = std::chrono::duration<double>(steady_clock::now() - begin).count();
        co_await ws.close();
        co_await server.close();
    }(seconds));
    return seconds;
}

// ---- Beast, as its examples have it

using beast_socket = beast::websocket::stream<tcp::socket>;

void prepare(beast_socket& with) {
    beast::websocket::permessage_deflate deflate;
    deflate.client_enable = deflate.server_enable = work.deflate;
    deflate.msg_size_threshold = 64;
    deflate.compLevel = 6;
    with.set_option(deflate);
    with.text(true);
}

asio::awaitable<void> beast_echo(tcp::socket client) {
    client.set_option(tcp::no_delay(true));
    beast_socket with(std::move(client));
    prepare(with);
    co_await with.async_accept(asio::use_awaitable);
    beast::flat_buffer buffer;
    boost::system::error_code ec;
    for (;;) {
        co_await with.async_read(buffer, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        with.text(with.got_text());
        co_await with.async_write(buffer.data(), asio::use_awaitable);
        buffer.consume(buffer.size());
    }
}

asio::awaitable<void> beast_talk(tcp::acceptor& acceptor, double& seconds) {
    tcp::socket connecting(acceptor.get_executor());
    co_await connecting.async_connect(acceptor.local_endpoint(), asio::use_awaitable);
    connecting.set_option(tcp::no_delay(true));
    tcp::socket accepted = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), beast_echo(std::move(accepted)), asio::detached);
    beast_socket with(std::move(connecting));
    prepare(with);
    co_await with.async_handshake("localhost", "/", asio::use_awaitable);
    const std::string line = text();
    const auto begin = steady_clock::now();
    for (int i = 0; i < work.in_flight; ++i) co_await with.async_write(asio::buffer(line), asio::use_awaitable);
    beast::flat_buffer buffer;
    for (int sent = work.in_flight, got = 0; got < work.count; ++got) {
        co_await with.async_read(buffer, asio::use_awaitable);
        const std::string back = beast::buffers_to_string(buffer.data());
        buffer.consume(buffer.size());
        if (back.size() != line.size()) die("size");
        if (sent++ < work.count) co_await with.async_write(asio::buffer(line), asio::use_awaitable);
    }
    seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
    co_await with.async_close(beast::websocket::close_code::normal, asio::use_awaitable);
}

double run_beast() {
    asio::io_context context(1);
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    double seconds = 0;
    asio::co_spawn(context, beast_talk(acceptor, seconds), [](const std::exception_ptr& e) {
        if (e) std::rethrow_exception(e);
    });
    context.run();
    return seconds;
}

double cpu(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }

} // namespace

int main(int count, char** words) {
    if (count < 5) die("usage: CONTESTANT COUNT SIZE IN_FLIGHT [deflate]");
    const std::string contestant = words[1];
    work.count = std::atoi(words[2]);
    work.size = static_cast<std::size_t>(std::atoi(words[3]));
    work.in_flight = std::atoi(words[4]);
    work.deflate = count > 5;
    const double seconds = contestant == "beast" ? run_beast() : run_brio();
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    std::printf("%s %d %zu %d %s %.3f %.0f %.2f %.2f\n", contestant.c_str(), work.count, work.size, work.in_flight,
                work.deflate ? "deflate" : "plain", seconds, work.count / seconds, cpu(used.ru_utime), cpu(used.ru_stime));
}
