// SPDX-License-Identifier: BSL-1.0
// Reporting what was collected.
#include "testing/failure_collector.hpp"

namespace brio::inline v0::testing {

void failure_collector::report(const std::string& remark) {
    taking_.reset();
    for (int i = 0; i < results_.size(); ++i) {
        const ::testing::TestPartResult& each = results_.GetTestPartResult(i);
        const std::string text = each.failed() ? std::string(each.message()) + "\n" + remark : each.message();
        ::testing::internal::AssertHelper(each.type(), each.file_name(), each.line_number(), text.c_str()) =
            ::testing::Message();
    }
}

}  // namespace brio::inline v0::testing
