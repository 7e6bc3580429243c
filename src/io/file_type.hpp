// SPDX-License-Identifier: BSL-1.0
// Types of files, from the system's numbers.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/file_info.hpp>

namespace brio::inline v0::detail {

[[nodiscard]] file_type type_of_mode(unsigned mode) noexcept;

}  // namespace brio::inline v0::detail
