// SPDX-License-Identifier: BSL-1.0
// Three ways to wait no longer than that.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

brio::awaitable<int> slow_answer() {
    co_await brio::sleep(10s);
    co_return 42;
}

brio::awaitable<> wait_a_little() {
    try {
        co_await brio::wait_for(slow_answer(), 200ms);
    } catch (const brio::timeout_error&) {
        std::cout << "no answer in time\n"; // and slow_answer() was cancelled
    }

    // A deadline over several steps, which the steps can move.
    brio::timeout limit(200ms);
    const auto body = [&limit]() -> brio::awaitable<> {
        co_await brio::sleep(100ms);
        std::cout << "first step\n";
        limit.reschedule(brio::get_running_loop().time() + 300ms);
        co_await brio::sleep(200ms);
        std::cout << "second step\n";
        co_await brio::sleep(10s);
        std::cout << "never\n";
    };
    try {
        co_await brio::with_timeout(limit, body);
    } catch (const brio::timeout_error&) {
        std::cout << "the deadline passed\n";
    }

    // Give up waiting, but let it go on: a shield.
    const brio::task<int> answer = brio::create_task([]() -> brio::awaitable<int> {
        co_await brio::sleep(400ms);
        co_return 42;
    });
    try {
        co_await brio::wait_for(brio::shield(answer), 100ms);
    } catch (const brio::timeout_error&) {
        std::cout << "not yet\n";
    }
    std::cout << co_await answer.join() << "\n";
}

int main() {
    brio::run(wait_a_little());
}
