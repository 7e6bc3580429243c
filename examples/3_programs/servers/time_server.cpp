// SPDX-License-Identifier: BSL-1.0
// Tells the time to whoever sends a datagram. usage: time_server [PORT [HOST]], then `echo | nc -u -w1 localhost 7037`
#include "serve.hpp"

#include <chrono>
#include <ctime>

namespace {

std::string now() {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[64];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ\n", &parts));
}

// [udp]
brio::awaitable<> tell_time(std::string host, std::uint16_t port) {
    const brio::datagram socket = co_await brio::open_datagram(brio::datagram_options().local(std::move(host), port));
    std::cout << "listening on " << socket.local_address() << std::endl;
    while (true) {
        const brio::packet question = co_await socket.receive();
        try {
            co_await socket.send_to(now(), question.from);
        } catch (const std::system_error& e) { // this one cannot be reached; others can
            std::cerr << e.what() << "\n";
        }
    }
}
// [/udp]

} // namespace

int main(int count, char** words) {
    return run_program([&] { return tell_time(word(count, words, 2, "127.0.0.1"), port_of(word(count, words, 1, "7037"))); });
}
