// SPDX-License-Identifier: BSL-1.0
// Datagrams, both ends in one program; and a pipe that is watched.
#include <brio/brio.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>

#include <unistd.h>

using namespace std::chrono_literals;

// [server]
brio::awaitable<> count_words(const brio::datagram& socket) {
    while (true) {
        const brio::packet question = co_await socket.receive();
        const auto words = std::to_string(std::count(question.data.begin(), question.data.end(), ' ') + 1);
        co_await socket.send_to(words + " words", question.from);
    }
}
// [/server]

// [client]
// Datagrams get lost: the question is asked again when there is no answer in time.
brio::awaitable<std::string> ask(brio::address server, std::string question) {
    const brio::datagram socket = co_await brio::open_datagram(brio::datagram_options().remote(server));
    for (int attempt = 0; attempt < 3; ++attempt) {
        co_await socket.send(question);
        try {
            const brio::packet answer = co_await brio::wait_for(socket.receive(), 1s);
            co_return answer.data;
        } catch (const brio::timeout_error&) {
        }
    }
    co_return "no answer";
}
// [/client]

// [watch]
// A library of its own hands out descriptors: wait until it has something to read.
brio::awaitable<std::string> read_when_ready(int descriptor) {
    co_await brio::wait_readable(descriptor);
    char room[100];
    const ssize_t size = ::read(descriptor, room, sizeof room);
    co_return std::string(room, size < 0 ? 0 : static_cast<std::size_t>(size));
}
// [/watch]

brio::awaitable<> show() {
    const brio::datagram socket = co_await brio::open_datagram(brio::datagram_options().local("127.0.0.1", 0));
    auto serving = brio::create_task(count_words(socket));
    std::cout << co_await ask(socket.local_address(), "how many words are these") << "\n";
    serving.cancel();

    int ends[2];
    if (::pipe(ends) != 0) co_return;
    auto reading = brio::create_task(read_when_ready(ends[0]));
    co_await brio::sleep(0s);
    const ssize_t written = ::write(ends[1], "ready", 5);
    std::cout << co_await reading.join() << " " << written << "\n";
    ::close(ends[0]);
    ::close(ends[1]);
}

int main() {
    brio::run(show());
}
