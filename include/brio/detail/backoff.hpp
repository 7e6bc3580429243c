// SPDX-License-Identifier: BSL-1.0
// How long to pause before another attempt: the arithmetic.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>

namespace brio::inline v0::detail {

/// Exponential backoff: `first * factor^(failures - 1)`, at most `most`; then a share `jitter` of that is replaced by
/// chance: 0 leaves it, 1 gives anything between nothing and all. `random` is a uniform number in [0, 1).
BRIO_API std::chrono::nanoseconds backoff(unsigned failures, std::chrono::nanoseconds first, double factor,
                                          std::chrono::nanoseconds most, double jitter, double random) noexcept;

}  // namespace brio::inline v0::detail
