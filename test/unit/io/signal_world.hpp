// SPDX-License-Identifier: BSL-1.0
// What tests of signals look at: the action that a signal has now.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/sleep.hpp>

#include <chrono>
#include <csignal>

namespace brio_test {

using signal_function = void (*)(int);

inline signal_function action_of(int number) {
    struct sigaction now {};
    ::sigaction(number, nullptr, &now);
    return now.sa_handler;
}

/// Gives a signal an action for its life.
class with_action {
public:
    with_action(int number, signal_function function) : number_(number) {
        struct sigaction action {};
        action.sa_handler = function;
        ::sigaction(number_, &action, &previous_);
    }
    with_action(const with_action&) = delete;
    with_action& operator=(const with_action&) = delete;
    ~with_action() { ::sigaction(number_, &previous_, nullptr); }

private:
    int number_;
    struct sigaction previous_ {};
};

/// The loop looks for I/O, and so for signals, before it goes on.
inline brio::awaitable<> heard() { co_await brio::sleep(std::chrono::milliseconds(1)); }

}  // namespace brio_test
