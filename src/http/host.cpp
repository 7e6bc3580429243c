// SPDX-License-Identifier: BSL-1.0
// Host rules: one spelling per host, so that pool keys, cookies and certificates cannot disagree.
#include "host.hpp"

#include "chars.hpp"

#include <brio/http/error.hpp>

#include <arpa/inet.h>

#if defined(BRIO_WITH_IDN)
#include <idn2.h>
#endif

namespace brio::inline v0::http::detail {

namespace {

[[noreturn]] void refuse(std::string_view host, const std::string& why) {
    throw invalid_url("invalid host \"" + printable(host, 255) + "\": " + why);
}

std::string to_ascii(std::string_view host) {
#if defined(BRIO_WITH_IDN)
    char* raw = nullptr;
    const std::string input(host);
    const int rc = idn2_to_ascii_8z(input.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc != IDN2_OK)
        refuse(host, std::string("not a valid international domain name (") + idn2_strerror(rc) + ")");
    std::string ascii(raw);
    idn2_free(raw);
    return ascii;
#else
    refuse(host, "international domain names are not supported by this build; write the xn-- form");
#endif
}

// A punycode label must decode; otherwise two spellings of one name could exist.
void check_a_labels([[maybe_unused]] const std::string& name) {
#if defined(BRIO_WITH_IDN)
    if (name.find("xn--") == std::string::npos) return;
    char* raw = nullptr;
    const int rc = idn2_to_unicode_8z8z(name.c_str(), &raw, 0);
    if (rc != IDN2_OK) refuse(name, std::string("broken xn-- label (") + idn2_strerror(rc) + ")");
    const std::string unicode(raw);
    idn2_free(raw);
    if (lowered(to_ascii(unicode)) != name) refuse(name, "its xn-- label is not in canonical form");
#endif
}

bool ends_in_number(std::string_view name) noexcept {
    const auto dot = name.rfind('.');
    const auto last = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (all(last, digit_char)) return true;
    if (last.size() < 2 || last[0] != '0' || last[1] != 'x') return false;
    for (char c : last.substr(2))
        if (hex_value(c) < 0) return false;
    return true;
}

void check_name(const std::string& name, std::string_view original) {
    if (name.size() > 253) refuse(original, "a host name has at most 253 characters");
    std::size_t label = 0;
    for (char c : name) {
        if (c == '.') {
            if (label == 0) refuse(original, "empty label");
            label = 0;
            continue;
        }
        if (!is(c, alpha_char | digit_char) && c != '-' && c != '_')
            refuse(original, "the character " + printable({&c, 1}) + " cannot be part of a host name");
        if (++label > 63) refuse(original, "a label has at most 63 characters");
    }
    if (label == 0) refuse(original, "empty label");
}

host_kind append_ipv6(std::string& out, std::string_view host) {
    if (host.back() != ']') refuse(host, "an IPv6 address must be one pair of brackets and nothing else");
    const std::string inner(host.substr(1, host.size() - 2));
    if (inner.find('%') != std::string::npos) refuse(host, "IPv6 zone identifiers are not supported in URLs");
    in6_addr address{};
    if (inner.find('\0') != std::string::npos || inet_pton(AF_INET6, inner.c_str(), &address) != 1)
        refuse(host, "not an IPv6 address");
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &address, text, sizeof text);
    out.append("[").append(text).append("]");
    return host_kind::ipv6;
}

} // namespace

bool is_ipv4(std::string_view host) noexcept {
    for (int part = 0; part < 4; ++part) {
        const auto dot = part < 3 ? host.find('.') : host.size();
        if (dot == std::string_view::npos) return false;
        const auto digits = host.substr(0, dot);
        const auto value = parse_decimal(digits);
        if (!value || *value > 255 || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0'))
            return false;
        host.remove_prefix(part < 3 ? dot + 1 : dot);
    }
    return true;
}

host_kind append_host(std::string& out, std::string_view host) {
    if (host.empty()) throw invalid_url("the URL has no host");
    if (host.front() == '[') return append_ipv6(out, host);
    std::string name;
    bool ascii = true;
    for (char c : host) {
        if (static_cast<unsigned char>(c) >= 0x80) ascii = false;
        if (c == '%') refuse(host, "percent-encoding is not allowed in a host");
        if (c == '\0') refuse(host, "it contains a NUL byte");
    }
    name = lowered(ascii ? host : std::string_view(to_ascii(host)));
    if (name.size() > 1 && name.back() == '.') name.pop_back();
    check_name(name, host);
    check_a_labels(name);
    out += name;
    if (!ends_in_number(name)) return host_kind::name;
    if (!is_ipv4(name))
        refuse(host, "an IPv4 address has four decimal numbers from 0 to 255, without leading zeros");
    return host_kind::ipv4;
}

} // namespace brio::inline v0::http::detail
