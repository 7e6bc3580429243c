// SPDX-License-Identifier: BSL-1.0
// Proxies from options and from the environment, and those hosts that need none.
#include "proxy_rules.hpp"

#include "chars.hpp"

#include <brio/http/error.hpp>

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace brio::inline v0::http::detail {

namespace {

// 4 or 16 bytes; empty for what is no address. IPv4 within IPv6 counts as IPv4.
std::string binary_address(std::string_view text) {
    const std::string copy(text);
    std::array<char, 16> bytes{};
    if (::inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
    if (::inet_pton(AF_INET6, copy.c_str(), bytes.data()) != 1) return {};
    static constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
    const std::string all(bytes.data(), 16);
    return all.starts_with(mapped) ? all.substr(12) : all;
}

bool same_bits(std::string_view a, std::string_view b, unsigned bits) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; bits > 0; ++i, bits -= std::min(bits, 8U)) {
        const unsigned mask = bits >= 8 ? 0xFFU : 0xFFU << (8 - bits) & 0xFFU;
        if (((static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])) & mask) != 0) return false;
    }
    return true;
}

bool is_loopback(std::string_view address) noexcept {
    if (address.size() == 4) return address.front() == 127;
    return address.size() == 16 && address.back() == 1 && std::all_of(address.begin(), address.end() - 1, [](char c) { return c == 0; });
}

// "[::1]:80" and "host:80" as host and port; false for what is neither.
bool split_port(std::string_view& host, std::optional<unsigned>& port) {
    std::string_view digits;
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        if (end == host.npos) return false;
        digits = host.substr(end + 1);
        host = host.substr(1, end - 1);
    } else if (const std::size_t colon = host.find(':'); colon != host.npos && colon == host.rfind(':')) {
        digits = host.substr(colon);
        host = host.substr(0, colon);
    }
    if (digits.empty()) return true;
    const auto value = parse_decimal(digits.substr(1));
    if (digits.front() != ':' || !value || *value == 0 || *value > 65535) return false;
    port = static_cast<unsigned>(*value);
    return true;
}

} // namespace

no_proxy_list::no_proxy_list(std::string_view text) {
    while (!text.empty()) {
        const std::string_view one = trim(text.substr(0, text.find(',')));
        text.remove_prefix(std::min(text.find(','), text.size() - 1) + 1);
        if (one == "*") all_ = true;
        if (auto read_one = read(one)) entries_.push_back(std::move(*read_one));
    }
}

std::optional<no_proxy_list::entry> no_proxy_list::read(std::string_view text) {
    entry out;
    if (const std::size_t slash = text.find('/'); slash != text.npos) {
        out.network = binary_address(text.substr(0, slash));
        std::string_view length = text.substr(slash + 1);
        if (!split_port(length, out.port)) return std::nullopt;
        const auto bits = parse_decimal(length);
        const bool mapped = text.substr(0, slash).find(':') != text.npos && out.network.size() == 4; // counts from 96 on
        const std::uint64_t least = mapped ? 96 : 0;
        if (out.network.empty() || !bits || *bits < least || *bits - least > out.network.size() * 8) return std::nullopt;
        out.bits = static_cast<unsigned>(*bits - least);
        return out;
    }
    if (!split_port(text, out.port) || text.empty() || text.find('%') != text.npos) return std::nullopt;
    out.network = binary_address(text);
    if (!out.network.empty()) {
        out.bits = static_cast<unsigned>(out.network.size() * 8);
        return out;
    }
    if (text.starts_with("*.")) text.remove_prefix(1);
    out.only_below = text.starts_with('.');
    if (out.only_below) text.remove_prefix(1);
    if (text.ends_with('.')) text.remove_suffix(1);
    try {
        // The same spelling as in URLs, also of international names.
        out.name = http::url("http://" + std::string(text) + "/").host();
    } catch (const invalid_url&) {
        return std::nullopt;
    }
    return out;
}

bool no_proxy_list::fits(const entry& e, const http::url& target, std::string_view address) {
    if (e.port && *e.port != target.port()) return false;
    if (!e.network.empty()) return same_bits(e.network, address, e.bits);
    const std::string_view host = target.host();
    if (host == e.name) return !e.only_below;
    return address.empty() && host.size() > e.name.size() && host.ends_with(e.name) && host[host.size() - e.name.size() - 1] == '.';
}

bool no_proxy_list::matches(const http::url& target) const {
    if (all_) return true;
    const std::string address = target.host_is_address() ? binary_address(target.host()) : std::string();
    return std::any_of(entries_.begin(), entries_.end(), [&](const entry& e) { return fits(e, target, address); });
}

http::url read_proxy(std::string_view text) {
    // The text may hold a password: errors name the host at most.
    http::url proxy(text.find("://") == text.npos ? "http://" + std::string(text) : std::string(text));
    if (!proxy.is_http() && !proxy.scheme().starts_with("socks5")) {
        throw invalid_url("the scheme '" + std::string(proxy.scheme()) + "' of the proxy " + proxy.str() + " is not http, https, socks5 or socks5h");
    }
    return proxy;
}

proxy_rules::proxy_rules(const http::url& proxy, std::string_view no_proxy) : plain_(proxy), secure_(proxy), except_(no_proxy) {}

proxy_rules proxy_rules::from_environment(const std::function<const char*(const char*)>& get) {
    const auto value = [&get](const char* lower, const char* upper) {
        const char* found = get(lower);
        if ((!found || !*found) && upper) found = get(upper);
        return std::string_view(found ? found : "");
    };
    const auto proxy = [&value](const char* lower, const char* upper) {
        std::string_view text = trim(value(lower, upper));
        if (text.empty()) text = trim(value("all_proxy", "ALL_PROXY"));
        return text.empty() ? std::nullopt : std::optional(read_proxy(text));
    };
    proxy_rules rules;
    rules.plain_ = proxy("http_proxy", nullptr);
    rules.secure_ = proxy("https_proxy", "HTTPS_PROXY");
    rules.except_ = no_proxy_list(value("no_proxy", "NO_PROXY"));
    rules.spares_loopback_ = true;
    return rules;
}

const http::url* proxy_rules::find(const http::url& target) const {
    const std::optional<http::url>& proxy = target.secure() ? secure_ : plain_;
    if (!proxy || except_.matches(target)) return nullptr;
    if (spares_loopback_) {
        if (target.host() == "localhost" || (target.host_is_address() && is_loopback(binary_address(target.host())))) return nullptr;
    }
    return &*proxy;
}

} // namespace brio::inline v0::http::detail
