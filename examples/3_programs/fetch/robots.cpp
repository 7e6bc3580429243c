// SPDX-License-Identifier: BSL-1.0
// Reading and asking robots.txt.
#include "robots.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace fetch {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
    return text;
}

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int lower = std::tolower(static_cast<unsigned char>(c));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// One spelling for each path: escapes of letters, digits and -._~ undone, others in upper case.
std::string normal(std::string_view path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%' || i + 2 >= path.size() || digit(path[i + 1]) < 0 || digit(path[i + 2]) < 0) {
            out += path[i];
            continue;
        }
        const char c = static_cast<char>(digit(path[i + 1]) * 16 + digit(path[i + 2]));
        if (std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-._~").find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += '%';
            out += static_cast<char>(std::toupper(static_cast<unsigned char>(path[i + 1])));
            out += static_cast<char>(std::toupper(static_cast<unsigned char>(path[i + 2])));
        }
        i += 2;
    }
    return out;
}

// The pattern fits the beginning of the path. Takes time in proportion to the product of the lengths at most.
bool fits(std::string_view pattern, std::string_view path) {
    const bool to_end = pattern.ends_with('$');
    if (to_end) pattern.remove_suffix(1);
    std::size_t p = 0;
    std::size_t at = 0;
    std::size_t star = pattern.npos; // where to go on after a mismatch
    std::size_t resume = 0;
    for (;;) {
        if (p == pattern.size() && (!to_end || at == path.size())) return true;
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            resume = at;
        } else if (p < pattern.size() && at < path.size() && pattern[p] == path[at]) {
            ++p;
            ++at;
        } else if (star != pattern.npos && resume < path.size()) {
            p = star;
            at = ++resume;
        } else {
            return false;
        }
    }
}

} // namespace

robots::robots(std::string_view text, std::string_view agent) {
    read(text, agent);
    if (!found_) read(text, "*");
}

robots robots::forbid_all() { return {"User-agent: *\nDisallow: /", "*"}; }

void robots::read(std::string_view text, std::string_view agent) {
    bool is_ours = false;
    bool in_names = false;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find_first_of("\r\n"));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line = trimmed(line.substr(0, line.find('#')));
        const std::size_t colon = line.find(':');
        if (colon == line.npos) continue;
        const std::string_view key = trimmed(line.substr(0, colon));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (same_word(key, "user-agent")) {
            is_ours = (in_names && is_ours) || same_word(value, agent);
            in_names = true;
            found_ = found_ || is_ours;
            continue;
        }
        in_names = false;
        if (!is_ours) continue;
        const bool allows = same_word(key, "allow");
        if ((allows || same_word(key, "disallow")) && !value.empty()) rules_.push_back({normal(value), allows});
        if (same_word(key, "crawl-delay")) {
            const double seconds = std::atof(std::string(value).c_str());
            if (seconds > 0) delay_ = std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, 30.0) * 1000));
        }
    }
}

bool robots::allows(std::string_view path) const {
    const std::string asked = normal(path);
    if (asked == "/robots.txt") return true;
    const rule* best = nullptr;
    for (const rule& one : rules_) {
        if (!fits(one.pattern, asked)) continue;
        if (!best || one.pattern.size() > best->pattern.size() || (one.pattern.size() == best->pattern.size() && one.allows)) best = &one;
    }
    return !best || best->allows;
}

} // namespace fetch
