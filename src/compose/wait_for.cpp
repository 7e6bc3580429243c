// SPDX-License-Identifier: BSL-1.0
// wait_for without any time.
#include <brio/compose/wait_for.hpp>

namespace brio::inline v0::detail {

void throw_no_time() { throw timeout_error("wait_for was given a limit of zero or less: the operation was not started"); }

}  // namespace brio::inline v0::detail
