// SPDX-License-Identifier: BSL-1.0
// A stream of data in stages: each asks the one before for the next item, so nothing piles up.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// Text comes in pieces that know nothing of lines, as from a socket.
brio::awaitable<> receive(brio::yielder<std::string> yield, std::vector<std::string> pieces) {
    for (const std::string& piece : pieces) {
        co_await brio::sleep(10ms);
        co_await yield(piece);
    }
}

brio::awaitable<> lines(brio::yielder<std::string> yield, brio::generator<std::string> pieces) {
    std::string text;
    while (auto piece = co_await pieces.next()) {
        text += *piece;
        for (auto end = text.find('\n'); end != text.npos; end = text.find('\n')) {
            co_await yield(text.substr(0, end));
            text.erase(0, end + 1);
        }
    }
    if (!text.empty()) co_await yield(text);
}

brio::awaitable<> print_readings() {
    std::vector<std::string> pieces;
    for (const char* piece : {"21.5\n2", "2.0\n", "23", ".5\n19.0\n20", ".5"}) pieces.emplace_back(piece);

    auto received = brio::make_generator<std::string>(receive, pieces);
    auto readings = brio::enumerate(brio::make_generator<std::string>(lines, std::move(received)), 1);
    while (auto reading = co_await readings.next()) {
        std::cout << "reading " << reading->first << ": " << reading->second << "\n";
        if (reading->second == "19.0") break;
    }
    co_await readings.close(); // whatever the stages hold is released
    std::cout << "cold enough\n";
}

int main() {
    brio::run(print_readings());
}
