// SPDX-License-Identifier: BSL-1.0
// Runs the scenarios, each in a loop of its own in virtual time, and prints their traces.
#include "differential/scenario.hpp"

#include <brio/testing/virtual_clock.hpp>

#include <iostream>

namespace differential {

std::vector<scenario>& scenarios() {
    static std::vector<scenario> all;
    return all;
}

namespace {

std::vector<std::string (*)(const std::exception_ptr&)>& descriptions() {
    static std::vector<std::string (*)(const std::exception_ptr&)> all;
    return all;
}

}  // namespace

bool add_description(std::string (*function)(const std::exception_ptr&)) {
    descriptions().push_back(function);
    return true;
}

std::string describe(const std::exception_ptr& error) {
    for (const auto function : descriptions()) {
        const std::string text = function(error);
        if (!text.empty()) return text;
    }
    try {
        std::rethrow_exception(error);
    } catch (const brio::cancelled_error& e) {
        return e.message().empty() ? "cancelled" : "cancelled(" + e.message() + ")";
    } catch (const boom& e) {
        return "boom(" + std::string(e.what()) + ")";
    } catch (const brio::timeout_error&) {
        return "timeout";
    } catch (const brio::queue_empty&) {
        return "queue_empty";
    } catch (const brio::queue_full&) {
        return "queue_full";
    } catch (const brio::invalid_state_error&) {
        return "refused";
    } catch (const std::invalid_argument&) {
        return "refused";
    } catch (const std::exception& e) {
        return "other(" + std::string(e.what()) + ")";
    }
}

long trace::at() const {
    const auto elapsed = brio::get_running_loop().time() - start_;
    return static_cast<long>(std::chrono::duration_cast<milliseconds>(elapsed).count());
}

awaitable<> worker(trace& out, std::string name, int ms) {
    out(name, "begins");
    try {
        co_await brio::sleep(milliseconds(ms));
    } catch (const brio::cancelled_error&) {
        out(name, "cancelled at", out.at());
        throw;
    }
    out(name, "ends at", out.at());
}

awaitable<> cleaner(trace& out, std::string name, int ms) {
    std::exception_ptr cancelled;
    try {
        co_await brio::sleep(std::chrono::hours(1));
    } catch (const brio::cancelled_error&) {
        cancelled = std::current_exception();
    }
    if (!cancelled) co_return;
    out(name, "cleans up");
    co_await brio::sleep(milliseconds(ms));
    out(name, "is clean at", out.at());
    std::rethrow_exception(cancelled);
}

awaitable<> stepper(trace& out, std::string name, int count) {
    for (int i = 0; i < count; ++i) {
        out(name, i);
        co_await brio::sleep(milliseconds(0));
    }
}

awaitable<int> value_after(int ms, int value) {
    co_await brio::sleep(milliseconds(ms));
    co_return value;
}

awaitable<> boom_after(int ms, std::string text) {
    co_await brio::sleep(milliseconds(ms));
    throw boom(text);
}

awaitable<> turns(int count) {
    for (int i = 0; i < count; ++i) co_await brio::sleep(milliseconds(0));
}

namespace {

awaitable<> supervise(trace& out, awaitable<> (*body)(trace&)) {
    out.start();
    brio::get_running_loop().set_exception_handler(
        [&out](const brio::error_context& context) { out("reported", context.exception()); });
    co_await body(out);
}

void run(const scenario& one) {
    trace out;
    brio::testing::virtual_clock clock;
    try {
        brio::run(supervise(out, one.body), brio::run_options().handle_sigint(false).on_loop([&clock](brio::loop& made) {
            made.scheduler().use_clock(&clock);
        }));
    } catch (const brio::loop_error&) {
        out("deadlock");
    } catch (...) {
        out("main ended with", std::current_exception());
    }
    std::cout << "== " << one.name << "\n";
    for (const std::string& line : out.lines()) std::cout << line << "\n";
}

}  // namespace

}  // namespace differential

// With names as arguments: only these.
int main(int argc, char** argv) {
    const std::vector<std::string> wanted(argv + 1, argv + argc);
    for (const auto& one : differential::scenarios()) {
        bool chosen = wanted.empty();
        for (const std::string& name : wanted) chosen = chosen || name == one.name;
        if (chosen) differential::run(one);
    }
}
