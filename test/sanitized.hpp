// SPDX-License-Identifier: BSL-1.0
// For the few tests that a sanitizer cannot run.
#pragma once

#include <gtest/gtest.h>

namespace brio_test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)
inline constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool is_sanitized = false;
#endif

/// GTEST_SKIP without a return: for coroutines.
inline void mark_skipped(const char* why) { GTEST_MESSAGE_(why, ::testing::TestPartResult::kSkip); }

}  // namespace brio_test
