// SPDX-License-Identifier: BSL-1.0
// A server and its clients in one program, over TCP.
#include <brio/brio.hpp>

#include <cstdint>
#include <iostream>
#include <string>
#include <tuple>

// A task for each connection. Its end, or an error, closes the connection.
brio::awaitable<> echo(brio::stream client) {
    while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
}

brio::awaitable<std::string> ask(std::uint16_t port, std::string question) {
    brio::stream server = co_await brio::open_connection("127.0.0.1", port);
    co_await server.write(question + "\n");
    std::string answer = co_await server.read_line();
    answer.pop_back();
    co_return answer;
}

brio::awaitable<> show() {
    brio::server server = co_await brio::start_server(echo, "127.0.0.1", 0);  // port 0: a free one
    const auto answers = co_await brio::gather(ask(server.port(), "hello"), ask(server.port(), "world"));
    std::cout << std::get<0>(answers) << " " << std::get<1>(answers) << "\n";
    server.close();
    co_await server.wait_closed();
    std::cout << "no connection left\n";
}

int main() {
    brio::run(show());
}
