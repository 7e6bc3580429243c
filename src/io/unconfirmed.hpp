// SPDX-License-Identifier: BSL-1.0
// unconfirmed_bytes: what was written to a TCP socket, and has not reached the other system for all we know.
#pragma once

#include <brio/core/config.hpp>

#include <cstdint>

namespace brio::inline v0::detail {

/// Bytes at the end of all that was written whose arrival the peer's system has not confirmed; 0 when that cannot be said. Asked
/// behind the peer's end of the stream this is certain, as that confirms what had arrived before it. After a reset it is not.
[[nodiscard]] BRIO_API std::uint64_t unconfirmed_bytes(int descriptor) noexcept;

}  // namespace brio::inline v0::detail
