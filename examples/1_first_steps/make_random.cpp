// SPDX-License-Identifier: BSL-1.0
// Three tasks, each in its colour, draw numbers until they have a high one.
#include <brio/brio.hpp>

#include <array>
#include <chrono>
#include <iostream>
#include <random>
#include <string>

using namespace std::chrono_literals;

const std::array<std::string, 3> colours = {"\033[36m", "\033[91m", "\033[35m"};
const std::string no_colour = "\033[0m";

brio::awaitable<int> make_random(std::size_t index, int threshold) {
    std::mt19937 generator(static_cast<unsigned>(118 + index)); // seeded: the same numbers every time
    const auto say = [index](const std::string& text) {
        std::cout << colours[index] << "task " << index << ": " << text << no_colour << "\n";
    };
    for (;;) {
        const int number = static_cast<int>(generator() % 11);
        if (number > threshold) {
            say("got a " + std::to_string(number));
            co_return number;
        }
        say("drew " + std::to_string(number) + ", too low, trying again");
        co_await brio::sleep(100ms * (index + 1));
    }
}

brio::awaitable<> draw() {
    const auto [a, b, c] = co_await brio::gather(make_random(0, 9), make_random(1, 8), make_random(2, 7));
    std::cout << "numbers: " << a << ", " << b << ", " << c << "\n";
}

int main() {
    brio::run(draw());
}
