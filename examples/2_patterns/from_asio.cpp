// SPDX-License-Identifier: BSL-1.0
// An Asio program to which brio is added: its io_context, sockets and timers stay, and its coroutines become tasks.
#include <brio/brio.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <utility>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

// The old program: a server that answers each byte after as many times 100 ms.
asio::awaitable<void> answer(tcp::socket peer) {
    char digit = 0;
    co_await asio::async_read(peer, asio::buffer(&digit, 1), asio::use_awaitable);
    asio::steady_timer timer(peer.get_executor(), 100ms * (digit - '0'));
    co_await timer.async_wait(asio::use_awaitable);
    co_await asio::async_write(peer, asio::buffer(&digit, 1), asio::use_awaitable);
}

asio::awaitable<void> serve(tcp::acceptor& acceptor, int peers) {
    for (int i = 0; i < peers; ++i) {
        tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), answer(std::move(peer)), asio::detached);
    }
}

// What is new: asio::awaitable is brio::awaitable, so its coroutines can be gathered, cancelled and timed out.
asio::awaitable<char> ask(tcp::endpoint server, char digit) {
    tcp::socket socket(brio::get_running_loop().context());
    co_await socket.async_connect(server, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(&digit, 1), asio::use_awaitable);
    co_await asio::async_read(socket, asio::buffer(&digit, 1), asio::use_awaitable);
    co_return digit;
}

brio::awaitable<> ask_around(tcp::endpoint server) {
    const auto [a, b, c] = co_await brio::gather(ask(server, '3'), ask(server, '1'), ask(server, '2'));
    std::cout << "answers: " << a << b << c << "\n";
    try {
        co_await brio::wait_for(ask(server, '9'), 200ms);
    } catch (const brio::timeout_error&) {
        std::cout << "the last one took too long\n";
    }
}

int main() {
    asio::io_context context;
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    asio::co_spawn(context, serve(acceptor, 4), asio::detached);

    brio::loop loop(context); // on the same context, beside what runs there already
    loop.call_soon([&acceptor] { brio::create_task(ask_around(acceptor.local_endpoint())); });
    context.run();
}
