// SPDX-License-Identifier: BSL-1.0
// An absolute http(s) URL, checked and normalised once, from which everything else is a cheap slice.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/percent.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

/// An absolute URL of the schemes http, https, ws, wss, socks5 and socks5h (yarl's `URL`, but RFC 3986 and
/// stricter).
///
/// Parsing either throws `invalid_url` or yields a normalised value: scheme and host in lower case, an
/// international host name in its `xn--` form (builds without libidn2 refuse it), default port and trailing dot of the host removed, `.` and
/// `..` resolved, an empty path turned into `/`, and characters that may not stand in a path or query
/// percent-encoded. Refused are, among others: control characters, spaces, backslashes before the query, two
/// `@`, hosts with `%`, IPv4 addresses in other than four decimal parts, IPv6 zones, a `%` without two
/// hexadecimal digits, and texts over 64 KiB.
///
/// User name and password are kept apart: str(), origin() and all error texts are free of them.
/// Views returned are valid until the object is assigned to or destroyed.
class BRIO_API url {
public:
    /// Longest text accepted, in bytes.
    static constexpr std::size_t max_size = 64 * 1024;

    /// Throws invalid_url.
    explicit url(std::string_view text);

    /// Resolves a reference against this URL (RFC 3986 section 5.2), as for a `Location` header. More lenient
    /// than the constructor: spaces and stray `%` in path and query are encoded. The result has this URL's
    /// user and password only when it is relative. Throws invalid_url.
    [[nodiscard]] url resolve(std::string_view reference) const;

    /// "http", "https", ...
    [[nodiscard]] std::string_view scheme() const noexcept { return slice(0, scheme_end_); }
    /// True for https and wss.
    [[nodiscard]] bool secure() const noexcept { return secure_; }
    /// True for http and https.
    [[nodiscard]] bool is_http() const noexcept { return text_.compare(0, 4, "http") == 0; }

    /// Host name or address in lower case, an IPv6 address without brackets.
    [[nodiscard]] std::string_view host() const noexcept {
        return ipv6_ ? slice(scheme_end_ + 4, host_end_ - 1) : slice(scheme_end_ + 3, host_end_);
    }
    /// True when host() is an IPv4 or IPv6 address and not a name.
    [[nodiscard]] bool host_is_address() const noexcept { return ipv4_ || ipv6_; }
    /// The port, given or default.
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// What the Host header carries: host (IPv6 in brackets), and `:port` unless it is the default.
    [[nodiscard]] std::string_view authority() const noexcept { return slice(scheme_end_ + 3, path_begin_); }
    /// `scheme://authority`, without user: two URLs are of the same origin if and only if these are equal.
    [[nodiscard]] std::string_view origin() const noexcept { return slice(0, path_begin_); }

    /// The path, percent-encoded, at least "/".
    [[nodiscard]] std::string_view path() const noexcept { return slice(path_begin_, path_end_); }
    /// The query, percent-encoded, without `?`; has_query() tells an empty one from none.
    [[nodiscard]] std::string_view query() const noexcept {
        return has_query() ? slice(path_end_ + 1, query_end_) : std::string_view();
    }
    [[nodiscard]] bool has_query() const noexcept { return query_end_ > path_end_; }
    /// The fragment without `#`; never sent.
    [[nodiscard]] std::string_view fragment() const noexcept {
        return has_fragment() ? std::string_view(text_).substr(query_end_ + 1) : std::string_view();
    }
    [[nodiscard]] bool has_fragment() const noexcept { return text_.size() > query_end_; }
    /// What goes into the request line: path and query.
    [[nodiscard]] std::string_view target() const noexcept { return slice(path_begin_, query_end_); }

    /// The whole URL without user name and password.
    [[nodiscard]] const std::string& str() const noexcept { return text_; }

    [[nodiscard]] bool has_userinfo() const noexcept { return has_userinfo_; }
    /// User name, decoded.
    [[nodiscard]] std::string user() const;
    /// Password, decoded; empty when there is none.
    [[nodiscard]] std::string password() const;
    /// The same URL without user name and password.
    [[nodiscard]] url without_userinfo() const;

    /// The same URL with these parameters appended to its query, strictly percent-encoded (a space is `%20`).
    [[nodiscard]] url with_query(const name_values& parameters) const;
    /// The same URL with another fragment (already encoded); an empty one removes it.
    [[nodiscard]] url with_fragment(std::string_view fragment) const;

    /// Same text and same user and password.
    friend bool operator==(const url& a, const url& b) noexcept {
        return a.text_ == b.text_ && a.userinfo_ == b.userinfo_;
    }

private:
    struct parts;
    url() = default;
    static url build(const parts& p, bool is_lenient);
    [[nodiscard]] std::string_view slice(std::size_t from, std::size_t to) const noexcept {
        return {text_.data() + from, to - from};
    }

    std::string text_;
    std::string userinfo_; // still encoded, "user" or "user:password"
    std::uint32_t scheme_end_ = 0;
    std::uint32_t host_end_ = 0;
    std::uint32_t path_begin_ = 0;
    std::uint32_t path_end_ = 0;
    std::uint32_t query_end_ = 0;
    std::uint16_t port_ = 0;
    bool secure_ = false;
    bool ipv4_ = false;
    bool ipv6_ = false;
    bool has_userinfo_ = false;
};

} // namespace brio::inline v0::http
