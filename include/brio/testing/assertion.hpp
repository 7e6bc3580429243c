// SPDX-License-Identifier: BSL-1.0
// Fatal assertions for coroutines: they end the test by an exception that ordinary handlers do not catch.
#pragma once

#include <brio/core/config.hpp>

#include <gtest/gtest.h>

namespace brio::inline v0::testing {

/// Thrown by BRIO_ASSERT_* after the failure was recorded. Not a std::exception, so that code under test which
/// handles errors does not swallow it.
class BRIO_API assertion_failed final {
public:
    assertion_failed() = default;
    assertion_failed(const assertion_failed&) = default;
    assertion_failed& operator=(const assertion_failed&) = default;
    ~assertion_failed();
};

/// Records a fatal failure when a message is assigned to it, and throws.
class BRIO_API assertion_failure {
public:
    assertion_failure(const char* file, int line, const char* text) : file_(file), line_(line), text_(text) {}
    [[noreturn]] void operator=(const ::testing::Message& message) const;

private:
    const char* file_;
    int line_;
    const char* text_;
};

}  // namespace brio::inline v0::testing

#define BRIO_ASSERT_RESULT_(expression)                                        \
    GTEST_AMBIGUOUS_ELSE_BLOCKER_                                              \
    if (const ::testing::AssertionResult brio_assert_result_ = (expression)) { \
    } else                                                                     \
        ::brio::testing::assertion_failure(__FILE__, __LINE__, brio_assert_result_.failure_message()) = ::testing::Message()

#define BRIO_ASSERT_TRUE(condition)                                                           \
    BRIO_ASSERT_RESULT_((condition) ? ::testing::AssertionSuccess()                           \
                                    : ::testing::AssertionFailure() << "is false: " #condition)
#define BRIO_ASSERT_FALSE(condition)                                                         \
    BRIO_ASSERT_RESULT_(!(condition) ? ::testing::AssertionSuccess()                         \
                                     : ::testing::AssertionFailure() << "is true: " #condition)
#define BRIO_ASSERT_EQ(a, b) BRIO_ASSERT_RESULT_(::testing::internal::EqHelper::Compare(#a, #b, a, b))
#define BRIO_ASSERT_NE(a, b) BRIO_ASSERT_RESULT_(::testing::internal::CmpHelperNE(#a, #b, a, b))
#define BRIO_ASSERT_LT(a, b) BRIO_ASSERT_RESULT_(::testing::internal::CmpHelperLT(#a, #b, a, b))
#define BRIO_ASSERT_LE(a, b) BRIO_ASSERT_RESULT_(::testing::internal::CmpHelperLE(#a, #b, a, b))
#define BRIO_ASSERT_GT(a, b) BRIO_ASSERT_RESULT_(::testing::internal::CmpHelperGT(#a, #b, a, b))
#define BRIO_ASSERT_GE(a, b) BRIO_ASSERT_RESULT_(::testing::internal::CmpHelperGE(#a, #b, a, b))
