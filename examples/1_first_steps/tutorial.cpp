// SPDX-License-Identifier: BSL-1.0
// The programs of doc/guide/tutorial.md in one.
#include <brio/brio.hpp>

#include <iostream>
#include <string>
#include <utility>

using namespace std::chrono_literals;

brio::awaitable<int> answer() {
    co_await brio::sleep(100ms);
    co_return 42;
}

// [several]
brio::awaitable<> several() {
    auto both = co_await brio::gather(answer(), answer());      // 100 ms, not 200
    std::cout << std::get<0>(both) + std::get<1>(both) << "\n";

    brio::task<int> later = brio::create_task(answer(), "later");
    std::cout << "meanwhile\n";
    std::cout << co_await later.join() << "\n";
}
// [/several]

// [deadline]
brio::awaitable<> impatient() {
    try {
        co_await brio::wait_for(brio::sleep(1h), 50ms);
    } catch (const brio::timeout_error&) {
        std::cout << "not waiting any longer\n";
    }
}
// [/deadline]

// [queue]
brio::awaitable<> produce(brio::queue<int>& numbers) {
    for (int i = 1; i <= 3; ++i) co_await numbers.put(i);      // waits while the queue is full
    numbers.shutdown();
}

brio::awaitable<> consume(brio::queue<int>& numbers) {
    try {
        for (;;) {
            int number = co_await numbers.get();
            std::cout << "got " << number << "\n";
        }
    } catch (const brio::queue_shutdown&) {
        std::cout << "all done\n";
    }
}
// [/queue]

// [generator]
brio::awaitable<> squares(brio::yielder<int> yield, int count) {
    for (int i = 1; i <= count; ++i) {
        co_await brio::sleep(10ms);                            // it may wait for anything
        co_await yield(i * i);
    }
}

brio::awaitable<> print_squares() {
    auto numbers = brio::make_generator<int>(squares, 100);
    while (auto number = co_await numbers.next()) {
        if (*number > 50) break;
        std::cout << *number << "\n";
    }
    co_await numbers.close();
}
// [/generator]

// [generators]
brio::awaitable<> odd_squares() {
    auto odd = brio::filter(brio::make_generator<int>(squares, 10), [](int n) { return n % 2 == 1; });
    auto texts = brio::transform(std::move(odd), [](int n) { return std::to_string(n); });
    for (const std::string& text : co_await brio::collect(std::move(texts))) std::cout << text << "\n";
}
// [/generators]

// [thread]
brio::awaitable<> blocking() {
    int sum = co_await brio::to_thread([](int n) { return n * (n + 1) / 2; }, 100);
    std::cout << sum << "\n";
}
// [/thread]

brio::awaitable<> main_() {
    co_await several();
    co_await impatient();
    brio::queue<int> numbers(2);
    co_await brio::gather(produce(numbers), consume(numbers));
    co_await print_squares();
    co_await odd_squares();
    co_await blocking();
}

int main() { brio::run(main_()); }
