// SPDX-License-Identifier: BSL-1.0
// The table behind a cookie jar: which cookies there are, which match a URL, which must go.
#pragma once

#include "http_date.hpp"

#include <brio/http/cookie.hpp>
#include <brio/http/url.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace brio::inline v0::http::detail {

/// RFC 6265 section 5.1.3; both in canonical form. An address matches itself only.
bool domain_matches(std::string_view host, bool host_is_address, std::string_view domain) noexcept;
/// RFC 6265 section 5.1.4.
bool path_matches(std::string_view request, std::string_view cookie) noexcept;
/// The path of a cookie that names none.
std::string_view default_cookie_path(std::string_view request) noexcept;
/// A `__Secure-` or `__Host-` name keeps its promise, and a value without a name does not look like one.
bool prefix_is_honest(const cookie& c, bool path_given) noexcept;

class cookie_store {
public:
    static constexpr std::size_t most_of_domain = 50;
    static constexpr std::size_t most = 3000;

    struct entry {
        cookie value;
        std::uint64_t created; // kept when the cookie is replaced: the order of the Cookie header
        std::uint64_t stored;  // newest wins when not all fit
        std::uint64_t used;    // least recent goes first
    };

    /// Replaces the cookie of the same name, domain, path and host-only flag. One that has ended only removes it.
    void insert(cookie c, date_point now);
    /// There is a Secure cookie which `c`, that is not, would shadow.
    [[nodiscard]] bool would_shadow_secure(const cookie& c) const noexcept;
    /// The cookies for a request, in the order in which they are sent. Pointers are valid until the next change.
    [[nodiscard]] std::vector<entry*> matching(const url& to, date_point now);
    /// Marks a cookie as just used.
    void touch(entry& e) noexcept { e.used = ++ticks_; }
    /// All that have not ended, by domain and age.
    [[nodiscard]] std::vector<const cookie*> all(date_point now) const;
    std::size_t erase_domain(std::string_view domain) noexcept;
    void clear() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    using bucket = std::vector<entry>;
    using table = std::unordered_map<std::string, bucket, hash, std::equal_to<>>;

    void remove_ended(bucket& of, date_point now) noexcept;
    void make_room(bucket& of, date_point now);
    void make_room(date_point now);

    table domains_;
    std::size_t size_ = 0;
    std::uint64_t ticks_ = 0;
};

} // namespace brio::inline v0::http::detail
