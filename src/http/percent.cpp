// SPDX-License-Identifier: BSL-1.0
// Percent-encoding and form encoding.
#include "chars.hpp"

#include <brio/http/percent.hpp>

namespace brio::inline v0::http {

namespace {

void append_escaped(std::string& out, char c) {
    static constexpr char hex[] = "0123456789ABCDEF";
    const auto u = static_cast<unsigned char>(c);
    out += '%';
    out += hex[u >> 4];
    out += hex[u & 15];
}

void append_percent(std::string& out, std::string_view text) {
    for (char c : text) {
        if (detail::is(c, detail::unreserved_char))
            out += c;
        else
            append_escaped(out, c);
    }
}

void append_form(std::string& out, std::string_view text) {
    for (char c : text) {
        if (c == ' ')
            out += '+';
        else if (detail::is(c, detail::digit_char | detail::alpha_char) || c == '*' || c == '-' || c == '.' ||
                 c == '_')
            out += c;
        else
            append_escaped(out, c);
    }
}

template <class Append>
std::string join(const name_values& pairs, Append append) {
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) out += '&';
        append(out, name);
        out += '=';
        append(out, value);
    }
    return out;
}

} // namespace

std::string percent_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_percent(out, text);
    return out;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const int high = detail::hex_value(text[i + 1]);
            const int low = detail::hex_value(text[i + 2]);
            if (high >= 0 && low >= 0) {
                out += static_cast<char>(high * 16 + low);
                i += 2;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

std::string query_encode(const name_values& pairs) { return join(pairs, append_percent); }
std::string form_encode(const name_values& pairs) { return join(pairs, append_form); }

name_values query_decode(std::string_view text) {
    name_values pairs;
    const auto decode = [](std::string_view part) {
        std::string spaced(part);
        for (char& c : spaced)
            if (c == '+') c = ' ';
        return percent_decode(spaced);
    };
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(part.size() < text.size() ? part.size() + 1 : part.size());
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        if (equals == part.npos)
            pairs.emplace_back(decode(part), std::string());
        else
            pairs.emplace_back(decode(part.substr(0, equals)), decode(part.substr(equals + 1)));
    }
    return pairs;
}

} // namespace brio::inline v0::http
