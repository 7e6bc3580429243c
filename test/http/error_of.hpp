// SPDX-License-Identifier: BSL-1.0
// Small tools for tests of the HTTP layer: expected errors, elapsed time, open descriptors.
#pragma once

#include "sanitized.hpp"

#include <brio/brio.hpp>
#include <brio/http/error.hpp>
#include <brio/testing/assertion.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>

namespace http_test {

using namespace std::chrono_literals;

/// Awaits a failure of exactly that family and gives it; anything else fails the test.
template <class Error, class T>
brio::awaitable<Error> error_of(brio::awaitable<T> body) {
    std::optional<Error> got;
    std::string other = "no error";
    try {
        co_await std::move(body);
    } catch (const Error& e) {
        got.emplace(e);
    } catch (const std::exception& e) {
        other = std::string(typeid(e).name()) + ": " + e.what();
    }
    // What the failed body had started and cancelled comes to its end.
    co_await brio::sleep(2ms);
    if (!got) ADD_FAILURE() << "expected " << typeid(Error).name() << ", got " << other;
    if (!got) throw brio::testing::assertion_failed();
    co_return std::move(*got);
}

using brio_test::is_sanitized;
using brio_test::mark_skipped;

inline std::string text_of(const std::exception& e) { return e.what(); }

class stopwatch {
public:
    [[nodiscard]] std::chrono::milliseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
    }

private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

inline std::size_t open_descriptors() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        (void)entry;
        ++count;
    }
    return count;
}

/// Lets the loop turn until the condition holds; false when that takes too long.
inline brio::awaitable<bool> eventually(std::function<bool()> condition, std::chrono::milliseconds limit = 9s) {
    const stopwatch watch;
    while (!condition()) {
        if (watch.elapsed() > limit) co_return false;
        co_await brio::sleep(1ms);
    }
    co_return true;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace http_test
