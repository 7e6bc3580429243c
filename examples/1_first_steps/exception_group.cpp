// SPDX-License-Identifier: BSL-1.0
// Tasks of which none outlives its group, and what becomes of their errors.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

brio::awaitable<int> fetch(std::string what, std::chrono::milliseconds delay) {
    co_await brio::sleep(delay);
    co_return static_cast<int>(what.size());
}

// [group]
brio::awaitable<int> fetch_all() {
    co_return co_await brio::with_task_group([](brio::task_group& group) -> brio::awaitable<int> {
        brio::task<int> first = group.create_task(fetch("one", 100ms), "one");
        brio::task<int> second = group.create_task(fetch("two", 200ms), "two");
        co_return co_await first.join() + co_await second.join();
    });
}
// [/group]

brio::awaitable<> late() {
    co_await brio::wait_for(fetch("slow", 10s), 100ms);
}

brio::awaitable<> broken() {
    try {
        co_await brio::sleep(10s);
    } catch (const brio::cancelled_error&) {
        throw std::logic_error("could not clean up");
    }
}

brio::awaitable<> all_at_once() {
    co_await brio::with_task_group([](brio::task_group& group) -> brio::awaitable<> {
        group.create_task(late(), "late");
        group.create_task(broken(), "broken"); // it is stopped when the other one has failed
        co_return;
    });
}

// [race]
brio::awaitable<std::string> fastest() {
    std::string winner;
    auto run = [&winner](brio::task_group& group, std::string name, std::chrono::milliseconds delay) -> brio::awaitable<> {
        co_await brio::sleep(delay);
        winner = name;
        group.cancel(); // the others are interrupted where they wait
    };
    co_await brio::with_task_group([&](brio::task_group& group) -> brio::awaitable<> {
        group.create_task(run(group, "tortoise", 300ms));
        group.create_task(run(group, "hare", 100ms));
        co_return;
    });
    co_return winner;
}
// [/race]

brio::awaitable<> main_() {
    std::cout << co_await fetch_all() << " bytes\n";

    // [except]
    try {
        co_await all_at_once();
    } catch (const brio::exception_group& errors) {
        std::cout << errors.what() << "\n";
        auto rest = brio::except<brio::timeout_error>(errors, [](const brio::timeout_error& e) {
            std::cout << "too slow, never mind: " << e.what() << "\n";
        });
        rest = brio::except<std::logic_error>(rest, [](const std::logic_error& e) {
            std::cout << "handled: " << e.what() << "\n";
        });
        if (rest) throw *rest; // what nobody handled
    }
    // [/except]

    std::cout << "the " << co_await fastest() << " wins\n";
}

int main() {
    brio::run(main_());
}
