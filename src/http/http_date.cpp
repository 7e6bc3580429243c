// SPDX-License-Identifier: BSL-1.0
// HTTP dates, independent of locale and time zone of the process.
#include "http_date.hpp"

#include "chars.hpp"

namespace brio::inline v0::http::detail {

namespace {

using namespace std::chrono;

constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view day_names = "SunMonTueWedThuFriSat";

// Reads a date from left to right; the first mismatch makes every later step fail.
class scanner {
public:
    explicit scanner(std::string_view text) : rest_(text) {}

    bool literal(std::string_view text) {
        if (rest_.substr(0, text.size()) != text) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    bool number(std::size_t digits, unsigned& out) {
        const auto v = parse_decimal(rest_.substr(0, digits));
        if (!v || rest_.size() < digits) return false;
        out = static_cast<unsigned>(*v);
        rest_.remove_prefix(digits);
        return true;
    }
    bool month(unsigned& out) {
        const auto at = rest_.size() < 3 ? std::string_view::npos : month_names.find(rest_.substr(0, 3));
        if (at == std::string_view::npos || at % 3 != 0) return false;
        out = static_cast<unsigned>(at / 3 + 1);
        rest_.remove_prefix(3);
        return true;
    }
    bool time(unsigned& h, unsigned& m, unsigned& s) {
        return number(2, h) && literal(":") && number(2, m) && literal(":") && number(2, s) && h < 24 &&
               m < 60 && s <= 60;
    }
    bool end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

} // namespace

std::optional<date_point> parse_http_date(std::string_view text, date_point now) {
    text = trim(text);
    unsigned y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    const auto comma = text.find(',');
    if (comma == 3) {
        scanner in(text.substr(4));
        const bool ok = in.literal(" ") && in.number(2, d) && in.literal(" ") && in.month(mo) &&
                        in.literal(" ") && in.number(4, y) && in.literal(" ") && in.time(h, mi, s) &&
                        in.literal(" GMT") && in.end();
        if (!ok) return std::nullopt;
    } else if (comma != std::string_view::npos) {
        scanner in(text.substr(comma + 1));
        const bool ok = in.literal(" ") && in.number(2, d) && in.literal("-") && in.month(mo) &&
                        in.literal("-") && in.number(2, y) && in.literal(" ") && in.time(h, mi, s) &&
                        in.literal(" GMT") && in.end();
        if (!ok) return std::nullopt;
        const int this_year = static_cast<int>(year_month_day(floor<days>(now)).year());
        int full = this_year / 100 * 100 + static_cast<int>(y);
        if (full > this_year + 50) full -= 100;
        y = static_cast<unsigned>(full);
    } else if (text.size() == 24) {
        scanner in(text.substr(3));
        const bool one_digit = text[8] == ' ';
        const bool ok = in.literal(" ") && in.month(mo) && in.literal(one_digit ? "  " : " ") &&
                        in.number(one_digit ? 1 : 2, d) && in.literal(" ") && in.time(h, mi, s) &&
                        in.literal(" ") && in.number(4, y) && in.end();
        if (!ok) return std::nullopt;
    } else {
        return std::nullopt;
    }
    const year_month_day date{year(static_cast<int>(y)), month(mo), day(d)};
    if (!date.ok()) return std::nullopt;
    const date_point when = sys_days(date) + hours(h) + minutes(mi) + seconds(s);
    constexpr date_point after_all = sys_days(year(10'000) / 1 / 1); // a leap second may get there
    return when < after_all ? std::optional(when) : std::nullopt;
}

std::string format_http_date(date_point when) {
    const auto midnight = floor<days>(when);
    const year_month_day date(midnight);
    const hh_mm_ss clock(when - midnight);
    std::string out;
    out.reserve(29);
    const auto two = [&out](auto v) {
        const auto n = static_cast<unsigned>(v);
        out += static_cast<char>('0' + n / 10 % 10);
        out += static_cast<char>('0' + n % 10);
    };
    const auto y = static_cast<int>(date.year());
    out.append(day_names.substr(weekday(midnight).c_encoding() * 3, 3)).append(", ");
    two(static_cast<unsigned>(date.day()));
    out.append(" ").append(month_names.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3)).append(" ");
    two(y / 100);
    two(y % 100);
    out += ' ';
    two(clock.hours().count());
    out += ':';
    two(clock.minutes().count());
    out += ':';
    two(clock.seconds().count());
    return out += " GMT";
}

std::string_view date_cache::at(std::chrono::system_clock::time_point now) {
    const auto second = floor<seconds>(now);
    if (second != second_) {
        text_ = format_http_date(second);
        second_ = second;
    }
    return text_;
}

} // namespace brio::inline v0::http::detail
