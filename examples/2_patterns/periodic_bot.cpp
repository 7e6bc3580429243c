// SPDX-License-Identifier: BSL-1.0
// A chat bot answers at once while its daily maintenance sleeps for 24 hours. Time is virtual: it takes no time to run.
#include <brio/brio.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

std::string hour() {
    static const auto start = brio::get_running_loop().time();
    return "hour " + std::to_string((brio::get_running_loop().time() - start) / 1h) + ": ";
}

brio::awaitable<> maintain() {
    for (int day = 1;; ++day) {
        co_await brio::sleep(24h);
        std::cout << hour() << "maintenance of day " << day << "\n";
    }
}

// Stands in for people: a message every ten hours.
brio::awaitable<> messages(brio::yielder<std::string> yield) {
    for (const char* text : {"hello", "anybody there?", "what time is it?", "still up?", "quit"}) {
        co_await brio::sleep(10h);
        co_await yield(text);
    }
}

brio::awaitable<> chat() {
    std::cout << hour() << "the bot is up\n";
    auto maintenance = brio::create_task(maintain(), "maintenance");
    auto incoming = brio::make_generator<std::string>(messages);
    while (auto text = co_await incoming.next()) {
        if (*text == "quit") break;
        std::cout << hour() << "you said: " << *text << "\n";
    }
    std::cout << hour() << "bye\n";
    maintenance.cancel();
}

int main() {
    brio::testing::virtual_clock clock;
    brio::run_options options;
    options.handle_sigint(false); // waiting for Ctrl-C is waiting: time would stand still
    options.on_loop([&clock](brio::loop& loop) { clock.attach(loop); });
    brio::run(chat(), options);
}
