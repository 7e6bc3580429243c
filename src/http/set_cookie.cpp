// SPDX-License-Identifier: BSL-1.0
// The Set-Cookie parser: lenient in the order of RFC 6265bis, strict about control characters.
#include "set_cookie.hpp"

#include "chars.hpp"
#include "cookie_date.hpp"

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t longest_attribute = 1024;
constexpr date_point long_ago{}; // 1970: over for every clock

// Text up to a separator; `rest` becomes what follows it.
std::string_view cut(std::string_view& rest, char separator) noexcept {
    const std::size_t at = rest.find(separator);
    const std::string_view part = rest.substr(0, at);
    rest = at == rest.npos ? std::string_view() : rest.substr(at + 1);
    return part;
}

// Max-Age: "-"? DIGIT*, saturating.
std::optional<date_point> read_max_age(std::string_view text, date_point now) noexcept {
    const bool negative = !text.empty() && text.front() == '-';
    const std::string_view digits = text.substr(negative ? 1 : 0);
    if (text.empty() || !all(digits, digit_char)) return std::nullopt;
    const std::chrono::seconds most = longest_cookie_life;
    const std::uint64_t age = parse_decimal(digits).value_or(digits.empty() ? 0 : UINT64_MAX);
    if (negative || age == 0) return long_ago;
    return now + (age > static_cast<std::uint64_t>(most.count()) ? most : std::chrono::seconds(age));
}

http::same_site read_same_site(std::string_view text) noexcept {
    if (iequals(text, "none")) return http::same_site::none;
    if (iequals(text, "lax")) return http::same_site::lax;
    if (iequals(text, "strict")) return http::same_site::strict;
    return http::same_site::unset;
}

} // namespace

bool is_cookie_value(std::string_view value) noexcept {
    return all(value, value_char) && value.find(';') == value.npos;
}
bool is_cookie_name(std::string_view name) noexcept {
    return is_cookie_value(name) && name.find_first_of("\t=") == name.npos;
}

std::optional<set_cookie> parse_set_cookie(std::string_view text, date_point now) noexcept {
    if (!all(text, value_char)) return std::nullopt;
    set_cookie out;
    const std::string_view pair = cut(text, ';');
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) {
        out.value = trim(pair);
    } else {
        out.name = trim(pair.substr(0, equals));
        out.value = trim(pair.substr(equals + 1));
    }
    if (out.name.empty() && out.value.empty()) return std::nullopt;
    if (out.name.find('\t') != out.name.npos || out.name.size() + out.value.size() > longest_cookie) return std::nullopt;

    std::optional<date_point> expires, max_age;
    while (!text.empty()) {
        std::string_view value = cut(text, ';');
        const std::string_view name = trim(cut(value, '='));
        value = trim(value);
        if (value.size() > longest_attribute) continue;
        if (iequals(name, "expires")) {
            if (const auto date = parse_cookie_date(value)) expires = std::min(*date, now + longest_cookie_life);
        } else if (iequals(name, "max-age")) {
            if (const auto end = read_max_age(value, now)) max_age = end;
        } else if (iequals(name, "domain")) {
            out.domain = value.substr(value.starts_with('.') ? 1 : 0);
        } else if (iequals(name, "path")) {
            out.path = value;
        } else if (iequals(name, "secure")) {
            out.secure = true;
        } else if (iequals(name, "httponly")) {
            out.http_only = true;
        } else if (iequals(name, "samesite")) {
            out.same_site = read_same_site(value);
        }
    }
    out.expires = max_age ? max_age : expires;
    return out;
}

} // namespace brio::inline v0::http::detail
