// SPDX-License-Identifier: BSL-1.0
// What a test may leave behind in the process: nothing.
#pragma once

#include <set>
#include <string>

namespace brio::inline v0::testing {

/// The open descriptors of this process.
[[nodiscard]] std::set<int> open_descriptors();
/// Descriptors that are open now and were not in `before`, with what they refer to; empty when there are none.
[[nodiscard]] std::string describe_new_descriptors(const std::set<int>& before);
/// A child process exists, running or not reaped.
[[nodiscard]] bool has_children() noexcept;

}  // namespace brio::inline v0::testing
