// SPDX-License-Identifier: BSL-1.0
// Which proxy a URL is fetched through.
#pragma once

#include <brio/http/url.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

/// A NO_PROXY list, by Go's rules: separated by commas; a name matches itself and all below it, one that begins with a
/// dot (or `*.`) only those below; an address matches itself, `address/bits` a network; each with `:port` for that port
/// alone; `*` matches everything. An address with a zone matches nothing.
class no_proxy_list {
public:
    no_proxy_list() = default;
    explicit no_proxy_list(std::string_view text);
    [[nodiscard]] bool matches(const http::url& target) const;

private:
    struct entry {
        std::string name;                 // a domain without leading dot; empty for addresses
        std::string network;              // 4 or 16 bytes
        unsigned bits = 0;                // of the network that count
        std::optional<unsigned> port;
        bool only_below = false;
    };
    static std::optional<entry> read(std::string_view text);
    static bool fits(const entry& e, const http::url& target, std::string_view address);

    std::vector<entry> entries_;
    bool all_ = false;
};

/// Reads the URL of a proxy: http, socks5 or socks5h, `http://` when no scheme is given. Throws invalid_url.
http::url read_proxy(std::string_view text);

class proxy_rules {
public:
    proxy_rules() = default;
    /// One proxy for everything but what `no_proxy` matches.
    proxy_rules(const http::url& proxy, std::string_view no_proxy);
    /// From the variables http_proxy (in lower case only: upper case can be set by a request to a CGI program),
    /// https_proxy, all_proxy and no_proxy (in lower or upper case, lower case first). Never for localhost and loopback
    /// addresses. Throws invalid_url for a value that is no proxy.
    static proxy_rules from_environment(const std::function<const char*(const char*)>& get);

    [[nodiscard]] const http::url* find(const http::url& target) const;

private:
    std::optional<http::url> plain_;
    std::optional<http::url> secure_;
    no_proxy_list except_;
    bool spares_loopback_ = false;
};

} // namespace brio::inline v0::http::detail
