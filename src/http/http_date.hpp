// SPDX-License-Identifier: BSL-1.0
// HTTP dates: parsing of the three forms of RFC 9110 and writing of the one that is still sent.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

using date_point = std::chrono::sys_seconds;

/// Now, by the system's clock.
inline date_point wall_time() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

/// IMF-fixdate ("Sun, 06 Nov 1994 08:49:37 GMT"), RFC 850 ("Sunday, 06-Nov-94 08:49:37 GMT") or asctime
/// ("Sun Nov  6 08:49:37 1994"). `now` places two-digit years, at most 50 years in the future.
std::optional<date_point> parse_http_date(std::string_view text, date_point now);

/// IMF-fixdate, 29 characters. Years 1 to 9999.
std::string format_http_date(date_point when);

/// The text of the Date header, made once per second.
class date_cache {
public:
    std::string_view at(std::chrono::system_clock::time_point now);

private:
    date_point second_{std::chrono::seconds(-1)};
    std::string text_;
};

} // namespace brio::inline v0::http::detail
