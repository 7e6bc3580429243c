// SPDX-License-Identifier: BSL-1.0
// The date of a cookie's Expires attribute, read as browsers do.
#pragma once

#include "http_date.hpp"

#include <optional>
#include <string_view>

namespace brio::inline v0::http::detail {

/// The algorithm of RFC 6265 section 5.1.1: it takes the first time, day, month and year that it finds in any
/// order and with any separators. nullopt when one is missing or the date does not exist.
std::optional<date_point> parse_cookie_date(std::string_view text) noexcept;

} // namespace brio::inline v0::http::detail
