// SPDX-License-Identifier: BSL-1.0
// RFC 6265 section 5.1.1, step by step.
#include "cookie_date.hpp"

#include "chars.hpp"

namespace brio::inline v0::http::detail {

namespace {

constexpr bool is_delimiter(char c) noexcept {
    const auto u = static_cast<unsigned char>(c);
    return u == 0x09 || (u >= 0x20 && u <= 0x2F) || (u >= 0x3B && u <= 0x40) || (u >= 0x5B && u <= 0x60) ||
           (u >= 0x7B && u <= 0x7E);
}

// `least` to `most` digits at the front of `s`, which are cut off; not followed by a further digit.
std::optional<unsigned> take_number(std::string_view& s, std::size_t least, std::size_t most) noexcept {
    std::size_t n = 0;
    unsigned value = 0;
    for (; n < s.size() && is(s[n], digit_char); ++n) {
        if (n == most) return std::nullopt;
        value = value * 10 + static_cast<unsigned>(s[n] - '0');
    }
    if (n < least) return std::nullopt;
    s.remove_prefix(n);
    return value;
}

struct clock_time {
    unsigned hour, minute, second;
};

std::optional<clock_time> read_time(std::string_view s) noexcept {
    clock_time t{};
    for (unsigned* part : {&t.hour, &t.minute, &t.second}) {
        if (part != &t.hour) {
            if (s.empty() || s.front() != ':') return std::nullopt;
            s.remove_prefix(1);
        }
        const auto n = take_number(s, 1, 2);
        if (!n) return std::nullopt;
        *part = *n;
    }
    return t;
}

std::optional<unsigned> read_month(std::string_view s) noexcept {
    static constexpr std::string_view names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                                 "jul", "aug", "sep", "oct", "nov", "dec"};
    for (unsigned i = 0; i < 12; ++i) {
        if (iequals(s.substr(0, 3), names[i])) return i + 1;
    }
    return std::nullopt;
}

struct found_parts {
    std::optional<clock_time> time;
    std::optional<unsigned> day, month, year;

    void offer(std::string_view token) noexcept {
        if (!time && (time = read_time(token))) return;
        std::string_view rest = token;
        if (!day && (day = take_number(rest, 1, 2))) return;
        if (!month && (month = read_month(token))) return;
        rest = token;
        if (!year) year = take_number(rest, 2, 4);
    }
};

} // namespace

std::optional<date_point> parse_cookie_date(std::string_view text) noexcept {
    found_parts found;
    for (std::size_t at = 0; at < text.size();) {
        if (is_delimiter(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && !is_delimiter(text[end])) ++end;
        found.offer(text.substr(at, end - at));
        at = end;
    }
    if (!found.time || !found.day || !found.month || !found.year) return std::nullopt;
    unsigned year = *found.year;
    if (year >= 70 && year <= 99) year += 1900;
    if (year <= 69) year += 2000;
    const auto [hour, minute, second] = *found.time;
    if (year < 1601 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(*found.month), std::chrono::day(*found.day)};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

} // namespace brio::inline v0::http::detail
