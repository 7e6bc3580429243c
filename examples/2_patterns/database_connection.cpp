// SPDX-License-Identifier: BSL-1.0
// A resource whose opening and closing wait: the user's code is a function, and the clean-up runs however that ends.
#include <brio/brio.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

using namespace std::chrono_literals;

class connection {
public:
    static brio::awaitable<connection> open(std::string name) {
        co_await brio::sleep(10ms); // the network
        std::cout << "connected to " << name << "\n";
        co_return connection(name);
    }
    brio::awaitable<int> query(std::string text) {
        co_await brio::sleep(1ms);
        if (text.empty()) throw std::invalid_argument("empty query");
        co_return static_cast<int>(text.size());
    }
    brio::awaitable<> close() {
        co_await brio::sleep(10ms); // says goodbye
        std::cout << "disconnected from " << name_ << "\n";
    }

private:
    explicit connection(std::string name) : name_(std::move(name)) {}
    std::string name_;
};

// Python's `async with`. Catching everything includes a cancel; C++ cannot await inside of the handler.
brio::awaitable<> with_connection(std::string name, brio::awaitable<> (*use)(connection&)) {
    connection db = co_await connection::open(name);
    std::exception_ptr error;
    try {
        co_await use(db);
    } catch (...) {
        error = std::current_exception();
    }
    co_await brio::shield(db.close()); // a cancel that comes now does not interrupt it
    if (error) std::rethrow_exception(error);
}

brio::awaitable<> ask(connection& db) {
    std::cout << "answer: " << co_await db.query("select * from answers where question = 'all'") << "\n";
}

brio::awaitable<> ask_badly(connection& db) {
    co_await db.query("");
}

brio::awaitable<> hang(connection&) {
    co_await brio::sleep(1h);
}

brio::awaitable<> use_it() {
    co_await with_connection("first", ask);
    try {
        co_await with_connection("second", ask_badly);
    } catch (const std::exception& error) {
        std::cout << "failed: " << error.what() << "\n";
    }
    try {
        co_await brio::wait_for(with_connection("third", hang), 100ms);
    } catch (const brio::timeout_error&) {
        std::cout << "took too long\n";
    }
}

int main() {
    brio::run(use_it());
}
