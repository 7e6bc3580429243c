// SPDX-License-Identifier: BSL-1.0
// System calls that fail when a test says so; else they are the system's. They are defined in the test program.
#pragma once

#include <deque>

namespace brio_test {

/// The next calls of accept4 fail with these errors, one each.
void fail_accepts(std::deque<int> errors);
/// Whether all of them were used.
[[nodiscard]] bool all_accepts_failed();
/// setsockopt of SO_REUSEPORT fails as on a system without it.
void lack_reuse_port(bool on);

}  // namespace brio_test
