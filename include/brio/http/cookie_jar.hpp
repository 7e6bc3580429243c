// SPDX-License-Identifier: BSL-1.0
// The cookies of one or several sessions.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/cookie.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/url.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http {

/// Stores cookies by the rules of RFC 6265bis; aiohttp's `CookieJar`. A handle: copies are the same jar, so that
/// sessions can share one. For one thread at a time, as the sessions that use it.
///
/// What a server may set: cookies for its own host or a domain above it which is no public suffix ("co.uk",
/// "github.io"; in a build without libpsl only single labels as "com" are known to be public). `__Host-` and `__Secure-` names must be what they promise. Over http no Secure cookie can be set
/// or replaced. A name, value or attribute with a control character, or over 4096 bytes of name and value, makes
/// the whole cookie void. No cookie lives longer than 400 days.
/// Limits: 50 cookies of one answer, 50 of a domain, 3000 in all, of which the least recently used go first, within a domain those without Secure; a
/// request carries at most 150 of them and 8190 bytes.
///
/// Where it differs from aiohttp: hosts that are IP addresses have cookies, too; public suffixes are known (with libpsl).
class BRIO_API cookie_jar {
public:
    using time_point = std::chrono::sys_seconds;

    cookie_jar();
    cookie_jar(const cookie_jar&) noexcept;
    cookie_jar(cookie_jar&&) noexcept;
    cookie_jar& operator=(const cookie_jar&) noexcept;
    cookie_jar& operator=(cookie_jar&&) noexcept;
    ~cookie_jar();

    /// Takes the Set-Cookie headers of an answer of `from`. What is not acceptable is ignored.
    void store(const url& from, const headers& answer, time_point now = current());
    /// Takes the value of one Set-Cookie header. False when it was ignored.
    bool store(const url& from, std::string_view set_cookie, time_point now = current());
    /// Puts in a cookie of your own, for domain and path as they stand in it; one that has ended removes its
    /// namesake. False when it breaks the rules above (apart from those on who may set what).
    bool set(cookie value, time_point now = current());

    /// The value of the Cookie header for a request to `to`; empty when there is none to send. Longer paths
    /// first, then older ones.
    [[nodiscard]] std::string header_for(const url& to, time_point now = current());
    /// The cookies that header_for() would send.
    [[nodiscard]] std::vector<cookie> cookies_for(const url& to, time_point now = current()) const;
    /// All that have not ended, by domain.
    [[nodiscard]] std::vector<cookie> all(time_point now = current()) const;
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    void clear() noexcept;
    /// Removes the cookies of exactly that domain, in lower case, and gives their number.
    std::size_t clear(std::string_view domain) noexcept;

    /// The cookies in the format of Netscape and curl, those of the session with 0 as their end. SameSite has no
    /// place in it.
    [[nodiscard]] std::string to_netscape(time_point now = current()) const;
    /// Adds cookies in that format; lines that are no acceptable cookie are skipped. Gives the number taken.
    std::size_t add_netscape(std::string_view text, time_point now = current());
    /// Replaces the file by to_netscape(), all at once, readable by its owner only. Throws std::system_error, and
    /// then leaves the file as it was. Blocks for as long as the disk takes.
    void save(const std::string& path, time_point now = current()) const;
    /// Adds the cookies of a file of at most 16 MiB, and gives their number. Throws std::system_error, and then leaves the jar
    /// as it was. Blocks for as long as the disk takes.
    std::size_t load(const std::string& path, time_point now = current());

    /// Two handles of the same jar.
    friend bool operator==(const cookie_jar&, const cookie_jar&) noexcept = default;

private:
    static time_point current() noexcept;
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace brio::inline v0::http
