// SPDX-License-Identifier: BSL-1.0
// The same by hand on Beast: one io_context, one coroutine for each connection. usage: brio_bench_beast_server PORT
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <cstdlib>
#include <iostream>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using socket_type = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using acceptor_type = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

asio::awaitable<void> serve(socket_type socket) {
    boost::beast::flat_buffer buffer;
    buffer.reserve(16 * 1024);
    for (;;) {
        boost::system::error_code ec;
        http::request<http::string_body> request;
        co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        http::response<http::string_body> answer(http::status::ok, request.version());
        answer.set(http::field::date, "Sat, 28 Nov 2026 12:00:00 GMT");
        answer.set(http::field::server, "beast");
        answer.set(http::field::content_type, "text/plain; charset=utf-8");
        answer.body() = "Hello, World!";
        answer.keep_alive(request.keep_alive());
        answer.prepare_payload();
        co_await http::async_write(socket, answer, asio::redirect_error(asio::use_awaitable, ec));
        if (ec || !answer.keep_alive()) co_return;
    }
}

asio::awaitable<void> accept_all(asio::io_context& context, unsigned short port) {
    acceptor_type acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port));
    std::cout << "listening" << std::endl;
    for (;;) {
        socket_type socket(context);
        co_await acceptor.async_accept(socket, asio::use_awaitable);
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(context, serve(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    asio::io_context context(1);
    asio::co_spawn(context, accept_all(context, static_cast<unsigned short>(std::atoi(words[1]))), asio::detached);
    context.run();
}
