// SPDX-License-Identifier: BSL-1.0
// Charset decoding by the WHATWG algorithms.
#include "chars.hpp"

#include <brio/http/charset.hpp>

#include <algorithm>
#include <cstring>

namespace brio::inline v0::http {

namespace {

enum class charset { utf8, windows_1252, utf16le, utf16be };

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct label_entry {
    std::string_view label;
    charset is;
};

constexpr label_entry labels[] = {
    {"utf-8", charset::utf8},
    {"utf8", charset::utf8},
    {"unicode-1-1-utf-8", charset::utf8},
    {"unicode11utf8", charset::utf8},
    {"unicode20utf8", charset::utf8},
    {"x-unicode20utf8", charset::utf8},
    {"windows-1252", charset::windows_1252},
    {"iso-8859-1", charset::windows_1252},
    {"iso8859-1", charset::windows_1252},
    {"iso88591", charset::windows_1252},
    {"iso_8859-1", charset::windows_1252},
    {"iso_8859-1:1987", charset::windows_1252},
    {"iso-ir-100", charset::windows_1252},
    {"latin1", charset::windows_1252},
    {"latin-1", charset::windows_1252},
    {"l1", charset::windows_1252},
    {"cp1252", charset::windows_1252},
    {"x-cp1252", charset::windows_1252},
    {"cp819", charset::windows_1252},
    {"ibm819", charset::windows_1252},
    {"csisolatin1", charset::windows_1252},
    {"ascii", charset::windows_1252},
    {"us-ascii", charset::windows_1252},
    {"ansi_x3.4-1968", charset::windows_1252},
    {"utf-16", charset::utf16le},
    {"utf-16le", charset::utf16le},
    {"ucs-2", charset::utf16le},
    {"unicode", charset::utf16le},
    {"csunicode", charset::utf16le},
    {"iso-10646-ucs-2", charset::utf16le},
    {"unicodefeff", charset::utf16le},
    {"utf-16be", charset::utf16be},
    {"unicodefffe", charset::utf16be},
};

std::optional<charset> find_charset(std::string_view label) {
    label = detail::trim(label);
    if (label.empty()) return charset::utf8;
    for (const auto& entry : labels)
        if (detail::iequals(entry.label, label)) return entry.is;
    return std::nullopt;
}

void append_code_point(std::string& out, char32_t c) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | (c >> 6));
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3F));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    }
}

std::size_t ascii_prefix(const unsigned char* p, std::size_t n) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, p + i, 8);
        if ((word & 0x8080808080808080u) != 0) break;
    }
    while (i < n && p[i] < 0x80) ++i;
    return i;
}

struct sequence {
    std::size_t size; // bytes to step over: the whole sequence, or its maximal valid prefix when bad
    bool good;
};

// The multi-byte sequence at p, by the table of well-formed UTF-8 in the Unicode standard.
sequence next_sequence(const unsigned char* p, std::size_t n) noexcept {
    const unsigned char lead = p[0];
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    std::size_t need = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        need = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        need = 2;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        need = 3;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else {
        return {1, false};
    }
    for (std::size_t i = 1; i <= need; ++i) {
        if (i >= n || p[i] < low || p[i] > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {need + 1, true};
}

std::string from_utf8(std::string_view bytes) {
    if (is_utf8(bytes)) return std::string(bytes);
    std::string out;
    out.reserve(bytes.size() + 16);
    const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t i = 0;
    while (i < bytes.size()) {
        const std::size_t plain = ascii_prefix(p + i, bytes.size() - i);
        out.append(bytes, i, plain);
        i += plain;
        if (i == bytes.size()) break;
        const auto s = next_sequence(p + i, bytes.size() - i);
        out.append(s.good ? bytes.substr(i, s.size) : replacement);
        i += s.size;
    }
    return out;
}

std::string from_windows_1252(std::string_view bytes) {
    static constexpr char16_t high[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                          0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                          0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                          0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (char c : bytes) {
        const auto u = static_cast<unsigned char>(c);
        append_code_point(out, u >= 0x80 && u < 0xA0 ? high[u - 0x80] : u);
    }
    return out;
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
    std::string out;
    out.reserve(bytes.size());
    const auto unit = [&](std::size_t i) {
        const auto a = static_cast<unsigned char>(bytes[i]);
        const auto b = static_cast<unsigned char>(bytes[i + 1]);
        return static_cast<char32_t>(big_endian ? a << 8 | b : b << 8 | a);
    };
    std::size_t i = 0;
    for (; i + 2 <= bytes.size(); i += 2) {
        const char32_t u = unit(i);
        if (u < 0xD800 || u > 0xDFFF) {
            append_code_point(out, u);
        } else if (u < 0xDC00 && i + 4 <= bytes.size() && unit(i + 2) >= 0xDC00 && unit(i + 2) <= 0xDFFF) {
            append_code_point(out, 0x10000 + ((u - 0xD800) << 10) + (unit(i + 2) - 0xDC00));
            i += 2;
        } else {
            out += replacement;
        }
    }
    if (i < bytes.size()) out += replacement;
    return out;
}

} // namespace

bool is_utf8(std::string_view bytes) noexcept {
    const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
    std::size_t i = 0;
    while (i < bytes.size()) {
        i += ascii_prefix(p + i, bytes.size() - i);
        if (i == bytes.size()) return true;
        const auto s = next_sequence(p + i, bytes.size() - i);
        if (!s.good) return false;
        i += s.size;
    }
    return true;
}

std::optional<std::string> decode_text(std::string_view bytes, std::string_view label) {
    const auto by_label = find_charset(label);
    if (!by_label) return std::nullopt;
    if (bytes.substr(0, 3) == "\xEF\xBB\xBF") return from_utf8(bytes.substr(3));
    if (bytes.substr(0, 2) == "\xFF\xFE") return from_utf16(bytes.substr(2), false);
    if (bytes.substr(0, 2) == "\xFE\xFF") return from_utf16(bytes.substr(2), true);
    switch (*by_label) {
    case charset::windows_1252:
        return from_windows_1252(bytes);
    case charset::utf16le:
        return from_utf16(bytes, false);
    case charset::utf16be:
        return from_utf16(bytes, true);
    default:
        return from_utf8(bytes);
    }
}

} // namespace brio::inline v0::http
