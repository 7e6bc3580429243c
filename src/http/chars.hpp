// SPDX-License-Identifier: BSL-1.0
// Character classes of HTTP and URLs, and ASCII case folding; all independent of the locale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

enum char_class : std::uint8_t {
    token_char = 1,      // RFC 9110 tchar
    value_char = 2,      // allowed in a field value: HTAB, 0x20-0x7E, 0x80-0xFF
    unreserved_char = 4, // RFC 3986 unreserved
    path_char = 8,       // RFC 3986 pchar and "/", without "%"
    digit_char = 16,
    alpha_char = 32,
};

inline constexpr std::array<std::uint8_t, 256> char_table = [] {
    std::array<std::uint8_t, 256> t{};
    for (std::size_t c = 0; c < 256; ++c) {
        const bool digit = c >= '0' && c <= '9';
        const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        unsigned bits = 0;
        if (digit) bits |= digit_char;
        if (alpha) bits |= alpha_char;
        if (digit || alpha) bits |= token_char | unreserved_char | path_char;
        if (c == '\t' || (c >= 0x20 && c != 0x7F)) bits |= value_char;
        t[c] = static_cast<std::uint8_t>(bits);
    }
    const auto add = [&t](const char* chars, unsigned bits) {
        for (; *chars; ++chars) t[static_cast<unsigned char>(*chars)] |= static_cast<std::uint8_t>(bits);
    };
    add("!#$%&'*+-.^_`|~", token_char);
    add("-._~", unreserved_char);
    add("-._~!$&'()*+,;=:@/", path_char);
    return t;
}();

constexpr bool is(char c, unsigned classes) noexcept {
    return (char_table[static_cast<unsigned char>(c)] & classes) != 0;
}

constexpr bool all(std::string_view s, unsigned classes) noexcept {
    for (char c : s)
        if (!is(c, classes)) return false;
    return true;
}

constexpr bool is_token(std::string_view s) noexcept { return !s.empty() && all(s, token_char); }

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
constexpr char to_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; }

constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    return true;
}

inline std::string lowered(std::string_view s) {
    std::string out(s);
    for (char& c : out) c = to_lower(c);
    return out;
}

/// Cuts SP and HTAB from both ends.
constexpr std::string_view trim(std::string_view s) noexcept {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
    return s;
}

constexpr int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// 1*DIGIT and nothing else; nullopt on anything else or on overflow.
constexpr std::optional<std::uint64_t> parse_decimal(std::string_view s) noexcept {
    if (s.empty()) return std::nullopt;
    std::uint64_t v = 0;
    for (char c : s) {
        if (!is(c, digit_char)) return std::nullopt;
        const auto d = static_cast<std::uint64_t>(c - '0');
        if (v > (UINT64_MAX - d) / 10) return std::nullopt;
        v = v * 10 + d;
    }
    return v;
}

/// Calls f(element) for each non-empty element of a comma-separated list; commas inside quoted strings do not
/// count.
template <class F>
void for_each_list_element(std::string_view list, F&& f) {
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        if (i < list.size()) {
            if (quoted && list[i] == '\\') {
                ++i;
                continue;
            }
            if (list[i] == '"') quoted = !quoted;
            if (quoted || list[i] != ',') continue;
        }
        const auto element = trim(list.substr(begin, i - begin));
        if (!element.empty()) f(element);
        begin = i + 1;
    }
}

/// For error messages: control and non-ASCII bytes become \xNN, long texts are cut.
inline std::string printable(std::string_view s, std::size_t most = 80) {
    static constexpr char hex[] = "0123456789abcdef";
    std::string out;
    for (char c : s.substr(0, most)) {
        const auto u = static_cast<unsigned char>(c);
        if (u >= 0x20 && u < 0x7F)
            out += c;
        else
            out.append("\\x").append(1, hex[u >> 4]).append(1, hex[u & 15]);
    }
    if (s.size() > most) out += "...";
    return out;
}

} // namespace brio::inline v0::http::detail
