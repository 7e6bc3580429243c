// SPDX-License-Identifier: BSL-1.0
// The ways to wait for several things, as doc/guide/tutorial.md shows them.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

brio::awaitable<std::string> page(int number) {
    co_await brio::sleep(10ms * number);
    co_return "page " + std::to_string(number);
}

std::vector<brio::awaitable<std::string>> pages(int count) {
    std::vector<brio::awaitable<std::string>> all;
    for (int number = 1; number <= count; ++number) all.push_back(page(number));
    return all;
}

// [as_completed]
brio::awaitable<> one_by_one() {
    auto arriving = brio::as_completed(pages(3), 10s);
    while (auto next = co_await arriving.next()) std::cout << next->result() << "\n";
}
// [/as_completed]

// [wait]
brio::awaitable<> the_first() {
    std::vector<brio::task<std::string>> tasks;
    for (int number : {3, 1}) tasks.push_back(brio::create_task(page(number)));
    auto sorted = co_await brio::wait(tasks, brio::first_completed);
    std::cout << sorted.done[0].result() << ", " << sorted.pending.size() << " to come\n";
}
// [/wait]

// [race]
brio::awaitable<> the_fastest() {
    auto won = co_await brio::race(page(2), page(1));           // the other one has been cancelled
    std::cout << won.value << " came first\n";
}
// [/race]

// [limit]
brio::awaitable<> not_too_many() {
    auto texts = co_await brio::gather(brio::limit(2), pages(5)); // two at a time
    std::cout << texts.size() << " pages, the last is " << texts.back() << "\n";
}
// [/limit]

// [retry]
brio::awaitable<std::string> unreliable(int* calls) {
    co_await brio::sleep(1ms);
    if (++*calls < 3) throw std::runtime_error("try again");
    co_return "worked at call " + std::to_string(*calls);
}

brio::awaitable<> stubborn() {
    int calls = 0;
    auto policy = brio::retry_policy().attempts(5).delay(10ms).max_delay(1s).retry_on<std::runtime_error>();
    std::cout << co_await brio::retry(policy, unreliable, &calls) << "\n";
}
// [/retry]

brio::awaitable<> main_() {
    co_await one_by_one();
    co_await the_first();
    co_await the_fastest();
    co_await not_too_many();
    co_await stubborn();
}

int main() {
    brio::run(main_());
}
