// SPDX-License-Identifier: BSL-1.0
// Recording a fatal failure.
#include <brio/testing/assertion.hpp>

namespace brio::inline v0::testing {

assertion_failed::~assertion_failed() = default;

void assertion_failure::operator=(const ::testing::Message& message) const {
    ::testing::internal::AssertHelper(::testing::TestPartResult::kFatalFailure, file_, line_, text_) = message;
    throw assertion_failed();
}

}  // namespace brio::inline v0::testing
