// SPDX-License-Identifier: BSL-1.0
// Functions that block run in threads; the loop goes on meanwhile.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

int slow_square(int n) {
    std::this_thread::sleep_for(500ms); // some library that knows nothing of coroutines
    return n * n;
}

brio::awaitable<> tick() {
    for (int i = 1; i <= 3; ++i) {
        co_await brio::sleep(100ms);
        std::cout << "tick " << i << "\n";
    }
}

brio::awaitable<> square() {
    const auto [a, b, ticked] =
        co_await brio::gather(brio::to_thread(slow_square, 6), brio::to_thread(slow_square, 7), tick());
    std::cout << a << " and " << b << "\n";
}

int main() {
    brio::run(square());
}
