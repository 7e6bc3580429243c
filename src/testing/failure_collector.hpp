// SPDX-License-Identifier: BSL-1.0
// Failures of one run, held back until it is known what to say about them.
#pragma once

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0::testing {

/// Takes this thread's GoogleTest failures while it lives.
class failure_collector {
public:
    [[nodiscard]] bool any() const {
        for (int i = 0; i < results_.size(); ++i) {
            if (results_.GetTestPartResult(i).failed()) return true;
        }
        return false;
    }
    /// Ends the collection and reports what was collected, each with `remark` below it.
    void report(const std::string& remark);

private:
    ::testing::TestPartResultArray results_;
    std::optional<::testing::ScopedFakeTestPartResultReporter> taking_{
        std::in_place, ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results_};
};

}  // namespace brio::inline v0::testing
