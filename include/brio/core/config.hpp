// SPDX-License-Identifier: BSL-1.0
// Included first by every public header: symbol visibility and the ABI sentinel.
#pragma once

/// Marks what leaves the library. The library is built with everything else hidden. The meaning is the same
/// for the static and the shared library, so that a user's program needs no macro of its own for either.
#if defined(__GNUC__) || defined(__clang__)
    #define BRIO_API [[gnu::visibility("default")]]
#else
    #define BRIO_API
#endif

#include <brio/core/abi.hpp>
