// SPDX-License-Identifier: BSL-1.0
// Producers and consumers that know a queue, not each other.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using namespace std::chrono_literals;

brio::awaitable<> produce(int id, brio::queue<std::string>& items) {
    for (int i = 1; i <= 5; ++i) {
        co_await brio::sleep(20ms * id);
        co_await items.put("producer " + std::to_string(id)); // waits while the queue is full
    }
}

brio::awaitable<> consume(brio::queue<std::string>& items, std::map<std::string, int>& eaten) {
    for (;;) {
        const std::string item = co_await items.get();
        co_await brio::sleep(30ms);
        ++eaten[item];
        items.task_done();
    }
}

brio::awaitable<> work() {
    brio::queue<std::string> items(3);
    std::map<std::string, int> eaten;
    std::vector<brio::task<>> consumers;
    for (int i = 0; i < 2; ++i) {
        consumers.push_back(brio::create_task(consume(items, eaten)));
    }
    co_await brio::gather(produce(1, items), produce(2, items), produce(3, items));
    std::cout << "all produced\n";
    co_await items.join(); // until every item was marked done
    for (const auto& consumer : consumers) consumer.cancel();
    static_cast<void>(co_await brio::gather(brio::return_exceptions, consumers));
    for (const auto& [name, count] : eaten) std::cout << count << " items of " << name << "\n";
}

int main() {
    brio::run(work());
}
