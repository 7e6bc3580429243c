// SPDX-License-Identifier: BSL-1.0
// Numbers as people read them.
#include "numbers.hpp"

#include <cstdio>

namespace fetch {

namespace {

// Three significant digits.
std::string short_number(double value, const char* unit) {
    char text[48];
    const int digits = value < 10 ? 2 : value < 100 ? 1 : 0;
    std::snprintf(text, sizeof text, "%.*f %s", digits, value, unit);
    return text;
}

} // namespace

std::string show_bytes(std::uint64_t bytes) {
    if (bytes < 1024) return std::to_string(bytes) + " B";
    static constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; value >= 1000 && unit < 3; ++unit) value /= 1024;
    return short_number(value, units[unit]);
}

std::string show_rate(double per_second) { return short_number(per_second, "requests/s"); }

std::string show_seconds(std::chrono::steady_clock::duration time) {
    return short_number(std::chrono::duration<double>(time).count(), "s");
}

std::string show_milliseconds(std::chrono::steady_clock::duration time) {
    return short_number(std::chrono::duration<double, std::milli>(time).count(), "ms");
}

std::string show_clock(std::chrono::seconds time) {
    char text[48];
    const long long all = time.count();
    if (all < 3600) {
        std::snprintf(text, sizeof text, "%lld:%02lld", all / 60, all % 60);
    } else {
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
    }
    return text;
}

} // namespace fetch
