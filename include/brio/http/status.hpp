// SPDX-License-Identifier: BSL-1.0
// HTTP status codes: reason phrases and classes.
#pragma once

#include <brio/core/config.hpp>

#include <string_view>

namespace brio::inline v0::http {

/// The standard reason phrase ("Not Found" for 404); empty for a code that is not registered.
[[nodiscard]] BRIO_API std::string_view reason_phrase(unsigned status) noexcept;

} // namespace brio::inline v0::http
