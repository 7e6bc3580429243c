// SPDX-License-Identifier: BSL-1.0
// Results in the order in which they come, with a deadline for all of them.
#include <brio/brio.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

brio::awaitable<std::string> answer_of(std::string server, std::chrono::milliseconds delay) {
    co_await brio::sleep(delay);
    if (server == "broken") throw std::runtime_error("broken does not answer");
    co_return server + " answered";
}

brio::awaitable<> ask_all() {
    std::vector<brio::task<std::string>> asked;
    asked.push_back(brio::create_task(answer_of("slow", 200ms)));
    asked.push_back(brio::create_task(answer_of("quick", 50ms)));
    asked.push_back(brio::create_task(answer_of("broken", 100ms)));
    asked.push_back(brio::create_task(answer_of("sleepy", 1h), "sleepy"));

    auto answers = brio::as_completed(asked, 500ms);
    try {
        while (auto next = co_await answers.next()) { // the very tasks of `asked`
            try {
                std::cout << next->result() << "\n"; // done: the value, or throws the error
            } catch (const std::runtime_error& e) {
                std::cout << e.what() << "\n";
            }
        }
    } catch (const brio::timeout_error&) {
        for (const auto& late : answers.remaining()) {
            std::cout << "no time left for " << late.name() << "\n";
            late.cancel();
        }
    }
}

int main() {
    brio::run(ask_all());
}
