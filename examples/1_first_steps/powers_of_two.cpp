// SPDX-License-Identifier: BSL-1.0
// An asynchronous generator: items that are made one by one, when they are asked for.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

brio::awaitable<> powers_of_two(brio::yielder<int> yield, int count) {
    int power = 1;
    for (int i = 0; i < count; ++i) {
        co_await brio::sleep(10ms); // it may wait for anything in between
        co_await yield(power);
        power *= 2;
    }
}

brio::awaitable<> print() {
    auto powers = brio::make_generator<int>(powers_of_two, 10);
    while (auto power = co_await powers.next()) std::cout << *power << " ";
    std::cout << "\n";

    auto squares = brio::transform(brio::make_generator<int>(powers_of_two, 5), [](int n) { return n * n; });
    auto large = brio::filter(std::move(squares), [](int n) { return n > 4; });
    for (const int n : co_await brio::collect(std::move(large))) std::cout << n << " ";
    std::cout << "\n";
}

int main() {
    brio::run(print());
}
