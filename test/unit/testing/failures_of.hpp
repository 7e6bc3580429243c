// SPDX-License-Identifier: BSL-1.0
// The GoogleTest failures that something causes, as text, kept from the test that looks at them.
#pragma once

#include <brio/testing/test.hpp>

#include <gtest/gtest-spi.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

namespace brio_test {

inline std::string failures_during(const std::function<void()>& action) {
    ::testing::TestPartResultArray parts;
    {
        ::testing::ScopedFakeTestPartResultReporter reporter(
            ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &parts);
        action();
    }
    std::string text;
    for (int i = 0; i < parts.size(); ++i) text += std::string(parts.GetTestPartResult(i).message()) + "\n";
    return text;
}

/// Of `body` run as a test.
inline std::string failures_of(const std::function<brio::awaitable<>()>& body,
                               const brio::testing::case_options& options = brio::testing::case_options()) {
    return failures_during([&] { brio::testing::run_case(body, options); });
}

/// While it lives, the variable of the environment has this value, or none.
class variable {
public:
    variable(const char* name, const char* value) : name_(name) {
        if (const char* const now = std::getenv(name)) before_ = now;
        set(value);
    }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;
    ~variable() { set(before_ ? before_->c_str() : nullptr); }

private:
    void set(const char* value) const { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }

    const char* name_;
    std::optional<std::string> before_;
};

/// The environment asks for no seed while it lives.
class without_seed : variable {
public:
    without_seed() : variable("BRIO_TEST_SEED", nullptr) {}
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace brio_test
