// SPDX-License-Identifier: BSL-1.0
// A task that is cancelled after a while, and puts things in order before it ends.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

brio::awaitable<> long_running() {
    bool stopped = false;
    try {
        for (int step = 1;; ++step) {
            std::cout << "step " << step << "\n";
            co_await brio::sleep(400ms);
        }
    } catch (const brio::cancelled_error& e) {
        std::cout << "asked to stop: " << e.message() << "\n";
        stopped = true;
    }
    // C++ has no co_await in a handler: clean up behind it.
    co_await brio::sleep(200ms);
    std::cout << "cleaned up\n";
    if (stopped) throw brio::cancelled_error(); // pass it on
}

brio::awaitable<> watch() {
    const brio::task<> task = brio::create_task(long_running());
    co_await brio::sleep(1s);
    task.cancel("that will do");
    try {
        co_await task.join();
    } catch (const brio::cancelled_error&) {
        std::cout << "the task was cancelled: " << std::boolalpha << task.cancelled() << "\n";
    }
}

int main() {
    brio::run(watch());
}
