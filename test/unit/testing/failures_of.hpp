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

/// The environment asks for no seed while it lives.
class without_seed {
public:
    without_seed() {
        if (const char* const value = std::getenv("BRIO_TEST_SEED")) before_ = value;
        ::unsetenv("BRIO_TEST_SEED");
    }
    without_seed(const without_seed&) = delete;
    without_seed& operator=(const without_seed&) = delete;
    ~without_seed() {
        if (before_) ::setenv("BRIO_TEST_SEED", before_->c_str(), 1);
    }

private:
    std::optional<std::string> before_;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace brio_test
