// SPDX-License-Identifier: BSL-1.0
// The programs of doc/guide/coming-from-asyncio.md in one.
#include <brio/brio.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

using namespace std::chrono_literals;

// [tasks]
brio::awaitable<int> add(int a, int b) {
    co_await brio::sleep(10ms);
    co_return a + b;
}

brio::awaitable<> sums() {
    const auto [three, seven] = co_await brio::gather(add(1, 2), add(3, 4));
    brio::task<int> later = brio::create_task(add(5, 6), "later");
    std::cout << three << " " << seven << " " << co_await later.join() << "\n";
}
// [/tasks]

// [timeout]
brio::awaitable<> limited() {
    brio::timeout limit(20ms);
    try {
        co_await brio::with_timeout(limit, [&limit]() -> brio::awaitable<> {
            limit.reschedule(*limit.when() + 20ms);
            co_await brio::sleep(1h);
        });
    } catch (const brio::timeout_error&) {
        std::cout << "expired: " << std::boolalpha << limit.expired() << "\n";
    }
}
// [/timeout]

// [group]
brio::awaitable<> grouped() {
    brio::task<int> one, two;
    co_await brio::with_task_group([&](brio::task_group& group) -> brio::awaitable<> {
        one = group.create_task(add(1, 2));
        two = group.create_task(add(3, 4));
        co_return;
    });
    std::cout << one.result() + two.result() << "\n";
}
// [/group]

brio::awaitable<> say_goodbye() {
    co_await brio::sleep(10ms);
    std::cout << "goodbye\n";
}

// [finally]
brio::awaitable<> polite() {
    std::exception_ptr error;
    try {
        co_await brio::sleep(1h);
    } catch (...) {
        error = std::current_exception();
    }
    co_await say_goodbye();                    // not allowed inside of catch
    if (error) std::rethrow_exception(error);
}
// [/finally]

brio::awaitable<> interrupt_politely() {
    brio::task<> task = brio::create_task(polite);
    co_await brio::sleep(0s);
    task.cancel();
    co_await brio::wait(task);
    std::cout << "cancelled: " << task.cancelled() << "\n";
}

// [lock]
class account {
public:
    brio::awaitable<> deposit(int amount) {
        auto guard = co_await lock_.acquire(); // released when the guard goes
        const int before = balance_;
        co_await brio::sleep(1ms);
        balance_ = before + amount;
    }
    int balance() const { return balance_; }

private:
    brio::lock lock_;
    int balance_ = 0;
};
// [/lock]

brio::awaitable<> deposits() {
    account savings;
    co_await brio::gather(savings.deposit(1), savings.deposit(10), savings.deposit(100));
    std::cout << savings.balance() << "\n";
}

// [generator]
brio::awaitable<> countdown(brio::yielder<int> yield, int from) {
    for (int i = from; i > 0; --i) co_await yield(i);
}

brio::awaitable<> lift_off() {
    auto numbers = brio::make_generator<int>(countdown, 3);
    while (auto number = co_await numbers.next()) std::cout << *number << " ";
    std::cout << "lift-off\n";
}
// [/generator]

// [future]
brio::awaitable<std::string> from_callback() {
    brio::promise<std::string> answer;
    brio::future<std::string> future = answer.get_future();
    auto callback = [answer = std::move(answer)]() mutable { answer.try_set_value("called back"); };
    brio::get_running_loop().call_later(10ms, std::move(callback));
    co_return co_await future.join();
}
// [/future]

// [signal]
brio::awaitable<> until_terminated() {
    brio::event ended;
    brio::add_signal_handler(SIGTERM, [&ended] { ended.set(); });
    co_await ended.wait();
    brio::remove_signal_handler(SIGTERM);
    std::cout << "asked to end\n";
}
// [/signal]

brio::awaitable<> main_() {
    co_await sums();
    co_await limited();
    co_await grouped();
    co_await interrupt_politely();
    co_await deposits();
    co_await lift_off();
    std::cout << co_await from_callback() << "\n";
    brio::get_running_loop().call_later(10ms, [] { std::raise(SIGTERM); });
    co_await until_terminated();
}

int main() { brio::run(main_()); }
