// SPDX-License-Identifier: BSL-1.0
// A user's program: one run() with tasks, a queue, a timeout and a thread.
#include <brio/brio.hpp>
#include <brio/core/build_info.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

namespace {

brio::awaitable<int> twice(int value) {
    co_await brio::sleep(1ms);
    co_return 2 * value;
}

brio::awaitable<int> answer() {
    auto task = brio::create_task(twice(10), "twenty");
    const auto [a, b] = co_await brio::gather(twice(5), twice(6));
    const int joined = co_await task.join();
    bool timed_out = false;
    try {
        co_await brio::wait_for(brio::sleep(1h), 1ms);
    } catch (const brio::timeout_error&) {
        timed_out = true;
    }
    co_return a + b + joined + (timed_out ? 0 : 1000);
}

} // namespace

int main() {
    std::cout << brio::build_info() << '\n';
    const int got = brio::run(answer());
    std::cout << "answer " << got << '\n';
    return got == 42 ? 0 : 1;
}
