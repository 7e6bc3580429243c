// SPDX-License-Identifier: BSL-1.0
// Texts for people: where something was written, what an exception says.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>

#include <exception>
#include <string>

namespace brio::inline v0::detail {

/// `file.cpp:12`, without the folders; `an unknown place`.
[[nodiscard]] BRIO_API std::string describe(const source_location& where);
/// `std::runtime_error: text`; the type's name alone for what is no std::exception.
[[nodiscard]] BRIO_API std::string describe(const std::exception_ptr& error);

}  // namespace brio::inline v0::detail
