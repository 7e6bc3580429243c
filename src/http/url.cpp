// SPDX-License-Identifier: BSL-1.0
// URL parsing (RFC 3986 with the additions in the header) and reference resolution.
#include "chars.hpp"
#include "host.hpp"

#include <brio/http/error.hpp>
#include <brio/http/url.hpp>

#include <algorithm>

namespace brio::inline v0::http {

// A reference cut at its delimiters; nothing is checked yet.
struct url::parts {
    std::string_view scheme, authority, path, query, fragment;
    bool has_scheme = false, has_authority = false, has_query = false, has_fragment = false;
    std::string_view userinfo; // set instead of `authority` carrying it, when inherited from the base
    bool has_userinfo = false;
};

namespace {

using detail::printable;

struct scheme_info {
    std::string_view name;
    std::uint16_t port;
    bool secure;
};

constexpr scheme_info schemes[] = {{"https", 443, true}, {"http", 80, false},      {"wss", 443, true},
                                   {"ws", 80, false},    {"socks5h", 1080, false}, {"socks5", 1080, false}};

// Part of a URL for an error message; nothing when it may hold a password.
std::string shown(std::string_view part) {
    return part.find('@') == std::string_view::npos ? " \"" + printable(part) + "\"" : std::string();
}

const scheme_info& find_scheme(std::string_view name) {
    for (const auto& s : schemes)
        if (detail::iequals(s.name, name)) return s;
    throw invalid_url("the scheme \"" + printable(name) + "\" is not supported; use http or https");
}

bool is_scheme(std::string_view s) {
    if (s.empty() || !detail::is(s[0], detail::alpha_char)) return false;
    return std::all_of(s.begin(), s.end(), [](char c) {
        return detail::is(c, detail::alpha_char | detail::digit_char) || c == '+' || c == '-' || c == '.';
    });
}

void check_text(std::string_view text, bool lenient) {
    if (text.size() > url::max_size)
        throw invalid_url("the URL has " + std::to_string(text.size()) + " bytes; at most " +
                          std::to_string(url::max_size) + " are accepted");
    for (const char& c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (u > 0x20 && u != 0x7F) [[likely]]
            continue;
        if (u == 0x20 && lenient) continue;
        throw invalid_url("the URL" + shown(text) + " contains " +
                          (u == 0x20 ? "a space" : "the control character " + printable({&c, 1})) +
                          " at position " + std::to_string(&c - text.data()) +
                          (u == 0x20 ? "; write it %20" : "; remove it"));
    }
}

// Appends path, query or fragment: what RFC 3986 allows there is copied, the rest is percent-encoded.
void append_component(std::string& out, std::string_view text, bool in_path, bool lenient) {
    static constexpr char hex[] = "0123456789ABCDEF";
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (detail::is(c, detail::path_char) || (c == '?' && !in_path)) [[likely]]
            continue;
        if (c == '%') {
            const bool room = i + 2 < text.size();
            if (room && detail::hex_value(text[i + 1]) >= 0 && detail::hex_value(text[i + 2]) >= 0) continue;
            if (!lenient)
                throw invalid_url("a % must be followed by two hexadecimal digits in the URL part" +
                                  shown(text) + "; write a literal % as %25");
        }
        if (c == '\\' && in_path)
            throw invalid_url("a backslash is not allowed in the path" + shown(text) + "; write / or %5C");
        out.append(text, copied, i - copied);
        const auto u = static_cast<unsigned char>(c);
        out.append({'%', hex[u >> 4], hex[u & 15]});
        copied = i + 1;
    }
    out.append(text, copied);
}

// RFC 3986 section 5.2.4 in place, for an absolute path that begins at `begin` and ends with the string.
// Linear.
void remove_dot_segments(std::string& s, std::size_t begin) {
    if (s.find("/.", begin) == std::string::npos) return;
    std::size_t out = begin;
    std::size_t in = begin;
    const std::size_t end = s.size();
    while (in < end) { // s[in] is '/'
        const std::size_t next = std::min(s.find('/', in + 1), end);
        const std::string_view segment(s.data() + in + 1, next - in - 1);
        const bool last = next == end;
        if (segment == "." || segment == "..") {
            if (segment == "..")
                while (out > begin && s[--out] != '/') {}
            if (last) s[out++] = '/';
        } else {
            for (std::size_t i = in; i < next; ++i) s[out++] = s[i];
        }
        in = next;
    }
    s.resize(out);
    if (out == begin) s += '/';
}

std::uint16_t parse_port(std::string_view text, std::uint16_t fallback) {
    if (text.empty()) return fallback;
    const auto port = detail::parse_decimal(text);
    if (!port || *port == 0 || *port > 65535)
        throw invalid_url("the port of the URL is not a number from 1 to 65535");
    return static_cast<std::uint16_t>(*port);
}

template <class Parts>
Parts split(std::string_view text) {
    Parts p;
    if (const auto i = text.find('#'); i != std::string_view::npos) {
        p.has_fragment = true;
        p.fragment = text.substr(i + 1);
        text = text.substr(0, i);
    }
    if (const auto i = text.find('?'); i != std::string_view::npos) {
        p.has_query = true;
        p.query = text.substr(i + 1);
        text = text.substr(0, i);
    }
    const auto colon = text.find_first_of(":/");
    if (colon != std::string_view::npos && text[colon] == ':' && is_scheme(text.substr(0, colon))) {
        p.has_scheme = true;
        p.scheme = text.substr(0, colon);
        text = text.substr(colon + 1);
    }
    if (text.substr(0, 2) == "//") {
        p.has_authority = true;
        const auto end = std::min(text.find('/', 2), text.size());
        p.authority = text.substr(2, end - 2);
        text = text.substr(end);
        if (const auto at = p.authority.rfind('@'); at != std::string_view::npos) {
            p.has_userinfo = true;
            p.userinfo = p.authority.substr(0, at);
            p.authority = p.authority.substr(at + 1);
        }
    }
    p.path = text;
    return p;
}

} // namespace

url url::build(const parts& p, bool lenient) {
    const auto& scheme = find_scheme(p.scheme);
    if (!p.has_authority || p.authority.empty())
        throw invalid_url("the URL has no host; write " + std::string(scheme.name) + "://host/path");
    if (p.authority.find('\\') != std::string_view::npos ||
        p.userinfo.find_first_of("\\@[]") != std::string_view::npos)
        throw invalid_url(
            "the authority of the URL contains a backslash, a bracket or a second @; percent-encode it");

    url u;
    std::string& text = u.text_;
    text.reserve(scheme.name.size() + 4 + p.authority.size() + p.path.size() + p.query.size() +
                 p.fragment.size() + 2);
    text.append(scheme.name);
    u.secure_ = scheme.secure;
    u.scheme_end_ = static_cast<std::uint32_t>(text.size());
    text.append("://");

    auto host = p.authority;
    std::string_view port_text;
    const auto bracket = host.rfind(']');
    const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        port_text = host.substr(colon + 1);
        host = host.substr(0, colon);
    }
    const auto kind = detail::append_host(text, host);
    u.ipv4_ = kind == detail::host_kind::ipv4;
    u.ipv6_ = kind == detail::host_kind::ipv6;
    u.host_end_ = static_cast<std::uint32_t>(text.size());
    u.port_ = parse_port(port_text, scheme.port);
    if (u.port_ != scheme.port) text.append(":").append(std::to_string(u.port_));
    if (p.has_userinfo && !p.userinfo.empty()) {
        u.has_userinfo_ = true;
        append_component(u.userinfo_, p.userinfo, true, false);
    }

    u.path_begin_ = static_cast<std::uint32_t>(text.size());
    if (p.path.empty()) text += '/';
    append_component(text, p.path, true, lenient);
    remove_dot_segments(text, u.path_begin_);
    u.path_end_ = static_cast<std::uint32_t>(text.size());
    if (p.has_query) append_component(text += '?', p.query, false, lenient);
    u.query_end_ = static_cast<std::uint32_t>(text.size());
    if (p.has_fragment) append_component(text += '#', p.fragment, false, lenient);
    return u;
}

url::url(std::string_view text) {
    check_text(text, false);
    const auto p = split<parts>(text);
    if (!p.has_scheme)
        throw invalid_url("the URL" + shown(text) +
                          " is not absolute; write http://host/path or https://host/path");
    *this = build(p, false);
}

url url::resolve(std::string_view reference) const {
    reference = detail::trim(reference);
    check_text(reference, true);
    auto p = split<parts>(reference);
    if (p.has_scheme) return build(p, true);
    p.scheme = scheme();
    if (p.has_authority) return build(p, true);

    p.has_authority = true;
    p.authority = authority();
    p.has_userinfo = has_userinfo_;
    p.userinfo = userinfo_;
    std::string merged;
    if (p.path.empty()) {
        p.path = path();
        if (!p.has_query) {
            p.has_query = has_query();
            p.query = query();
        }
    } else if (p.path.front() != '/') {
        merged.append(path().substr(0, path().rfind('/') + 1)).append(p.path);
        p.path = merged;
    }
    return build(p, true);
}

std::string url::user() const {
    return percent_decode(std::string_view(userinfo_).substr(0, userinfo_.find(':')));
}

std::string url::password() const {
    const auto colon = userinfo_.find(':');
    return colon == std::string::npos ? std::string()
                                      : percent_decode(std::string_view(userinfo_).substr(colon + 1));
}

url url::without_userinfo() const {
    url copy(*this);
    copy.userinfo_.clear();
    copy.has_userinfo_ = false;
    return copy;
}

url url::with_query(const name_values& parameters) const {
    if (parameters.empty()) return *this;
    std::string added = query_encode(parameters);
    const char separator = !has_query() ? '?' : query().empty() || query().back() == '&' ? '\0' : '&';
    if (separator != '\0') added.insert(added.begin(), separator);
    if (text_.size() + added.size() > max_size)
        throw invalid_url("with its query parameters the URL exceeds " + std::to_string(max_size) +
                          " bytes; send them in the body");
    url copy(*this);
    copy.text_.insert(query_end_, added);
    copy.query_end_ += static_cast<std::uint32_t>(added.size());
    return copy;
}

url url::with_fragment(std::string_view fragment) const {
    url copy(*this);
    copy.text_.resize(query_end_);
    if (!fragment.empty()) append_component(copy.text_ += '#', fragment, false, true);
    return copy;
}

} // namespace brio::inline v0::http
