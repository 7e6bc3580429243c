// SPDX-License-Identifier: BSL-1.0
// Sends the lines of standard input to a server and prints what comes back. usage: echo_client [PORT [HOST]]
#include "serve.hpp"

namespace {

// [client]
brio::awaitable<> send_lines(brio::stream& server) {
    brio::stream input = brio::standard_input();
    while (auto line = co_await input.next_line()) co_await server.write(*line + "\n");
    server.write_eof();
}

brio::awaitable<> print_lines(brio::stream& server) {
    while (auto line = co_await server.next_line()) std::cout << *line << "\n";
}

brio::awaitable<> talk(std::string host, std::uint16_t port) {
    brio::stream server = co_await brio::open_connection(std::move(host), port);
    co_await brio::gather(send_lines(server), print_lines(server)); // at the same time: neither waits for the other
}
// [/client]

} // namespace

int main(int count, char** words) {
    return run_program([&] { return talk(word(count, words, 2, "localhost"), port_of(word(count, words, 1, "7000"))); });
}
