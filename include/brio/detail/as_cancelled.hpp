// SPDX-License-Identifier: BSL-1.0
// Whether an exception is a cancelled_error, without throwing it to find out.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>

#include <exception>

namespace brio::inline v0::detail {

/// The cancelled_error that `error` holds, null when it holds something else or nothing.
[[nodiscard]] BRIO_API const cancelled_error* as_cancelled(const std::exception_ptr& error) noexcept;

}  // namespace brio::inline v0::detail
