// SPDX-License-Identifier: BSL-1.0
// What operations leave behind that nobody awaited.
#include <brio/detail/waiter.hpp>

namespace brio::inline v0::detail {

constinit thread_local operation_place forgotten_here{nullptr, 0};

}  // namespace brio::inline v0::detail
