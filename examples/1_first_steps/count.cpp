// SPDX-License-Identifier: BSL-1.0
// Three counters at the same time: two seconds, not six.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

brio::awaitable<> count() {
    std::cout << "one\n";
    co_await brio::sleep(1s); // the others go on meanwhile
    std::cout << "two\n";
    co_await brio::sleep(1s);
}

brio::awaitable<> count_three_times() {
    const auto begin = std::chrono::steady_clock::now();
    co_await brio::gather(count(), count(), count());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << "it took " << took.count() << " seconds\n";
}

int main() {
    brio::run(count_three_times());
}
