// SPDX-License-Identifier: BSL-1.0
// Key functions of the exceptions, so that each type exists once, in the library.
#include <brio/core/error.hpp>

namespace brio::inline v0 {

cancelled_error::~cancelled_error() = default;
error::~error() = default;
timeout_error::~timeout_error() = default;
invalid_state_error::~invalid_state_error() = default;
loop_error::~loop_error() = default;
interrupted::~interrupted() = default;

}  // namespace brio::inline v0
