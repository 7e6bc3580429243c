// SPDX-License-Identifier: BSL-1.0
// One cookie, as a jar keeps it.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace brio::inline v0::http {

/// The SameSite attribute. A jar stores it and does not enforce it: there are no cross-site requests without a
/// browser.
enum class same_site : unsigned char { unset, none, lax, strict };

/// A cookie with its attributes (Python's `http.cookies.Morsel`).
class BRIO_API cookie {
public:
    cookie(std::string cookie_name, std::string cookie_value);
    cookie(const cookie&);
    cookie(cookie&&) noexcept;
    cookie& operator=(const cookie&);
    cookie& operator=(cookie&&) noexcept;
    ~cookie();

    std::string name;
    std::string value; ///< verbatim, quotes included
    std::string domain; ///< host or domain, in lower case, without a leading dot
    std::string path = "/";
    /// When it ends; nullopt: with the session.
    std::optional<std::chrono::sys_seconds> expires;
    bool host_only = true; ///< for exactly that host, not for those below it
    bool secure = false;   ///< over https only
    bool http_only = false;
    http::same_site same_site = http::same_site::unset;

    friend bool operator==(const cookie&, const cookie&) = default;
};

} // namespace brio::inline v0::http
