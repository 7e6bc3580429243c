// SPDX-License-Identifier: BSL-1.0
// The smallest program: one coroutine, run to its end.
// [program]
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

brio::awaitable<int> answer() {
    co_await brio::sleep(100ms);
    co_return 42;
}

int main() { std::cout << brio::run(answer()) << "\n"; }
// [/program]
