// SPDX-License-Identifier: BSL-1.0
// Reading the value of a Set-Cookie header (RFC 6265bis section 5.6).
#pragma once

#include "http_date.hpp"

#include <brio/http/cookie.hpp>

#include <optional>
#include <string_view>

namespace brio::inline v0::http::detail {

/// What a Set-Cookie header says; views into its value.
struct set_cookie {
    std::string_view name;
    std::string_view value;
    std::optional<date_point> expires;      // Max-Age before Expires, at most 400 days ahead
    std::string_view domain;                // without a leading dot, in the sender's spelling; empty: none
    std::optional<std::string_view> path;   // the attribute, whatever it holds
    bool secure = false;
    bool http_only = false;
    http::same_site same_site = http::same_site::unset;
};

/// Browsers, and brio, forget a cookie after that time.
inline constexpr std::chrono::days longest_cookie_life{400};
/// Name and value together, in bytes.
inline constexpr std::size_t longest_cookie = 4096;

/// nullopt for a cookie to be ignored as a whole: control characters, over 4096 bytes, neither name nor value.
std::optional<set_cookie> parse_set_cookie(std::string_view text, date_point now) noexcept;

/// The value may stand in a cookie: no control characters (a tab is allowed) and no semicolon.
bool is_cookie_value(std::string_view value) noexcept;
/// ... and for names neither a tab (it would break cookie files) nor `=`.
bool is_cookie_name(std::string_view name) noexcept;

} // namespace brio::inline v0::http::detail
