// SPDX-License-Identifier: BSL-1.0
// What becomes of an error among several coroutines.
#include <brio/brio.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

brio::awaitable<std::string> might_fail(int id) {
    co_await brio::sleep(100ms * id);
    if (id % 2 == 0) throw std::runtime_error("number " + std::to_string(id) + " failed");
    co_return "number " + std::to_string(id) + " worked";
}

std::vector<brio::awaitable<std::string>> four() {
    std::vector<brio::awaitable<std::string>> all;
    for (int id = 1; id <= 4; ++id) all.push_back(might_fail(id));
    return all;
}

brio::awaitable<> try_both_ways() {
    try {
        co_await brio::gather(four()); // throws the first error, when it happens
    } catch (const std::exception& e) {
        std::cout << "caught: " << e.what() << "\n";
    }

    const auto results = co_await brio::gather(brio::return_exceptions, four()); // waits for all
    for (const brio::result<std::string>& result : results) {
        try {
            std::cout << *result << "\n"; // the value, or throws the error
        } catch (const std::exception& e) {
            std::cout << e.what() << "\n";
        }
    }
}

int main() {
    brio::run(try_both_ways());
}
