// SPDX-License-Identifier: BSL-1.0
// To await a coroutine is to wait for it; a task runs by itself from its creation on.
#include <brio/brio.hpp>

#include <chrono>
#include <cmath>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

brio::awaitable<> say_after(std::chrono::milliseconds delay, std::string what) {
    co_await brio::sleep(delay);
    std::cout << what << "\n";
}

brio::awaitable<> one_after_the_other() {
    co_await say_after(500ms, "hello");
    co_await say_after(1000ms, "world");
}

brio::awaitable<> both_at_once() {
    brio::task<> hello = brio::create_task(say_after(500ms, "hello"));
    brio::task<> world = brio::create_task(say_after(1000ms, "world"));
    co_await hello.join();
    co_await world.join();
}

brio::awaitable<> timed(brio::awaitable<> work) {
    const auto begin = std::chrono::steady_clock::now();
    co_await std::move(work);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << "took " << std::round(took.count() * 10) / 10 << " s\n";
}

brio::awaitable<> say_it_twice() {
    co_await timed(one_after_the_other());
    co_await timed(both_at_once());
}

int main() {
    brio::run(say_it_twice());
}
