// SPDX-License-Identifier: BSL-1.0
// What all requests of a session share.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/before_send.hpp>
#include <brio/http/cookie_jar.hpp>
#include <brio/http/middleware.hpp>
#include <brio/http/mock.hpp>
#include <brio/http/options.hpp>
#include <brio/http/trace.hpp>
#include <brio/io/address.hpp>
#include <brio/io/tls_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http {

namespace detail {
class proxy_rules;
}

/// Options of a session; setters chain. The defaults are in brackets.
class BRIO_API session_options {
public:
    using duration = std::chrono::steady_clock::duration;

    session_options();
    session_options(const session_options&);
    session_options(session_options&&) noexcept;
    session_options& operator=(const session_options&);
    session_options& operator=(session_options&&) noexcept;
    ~session_options();

    /// URLs given to requests are resolved against this one, which must end with `/`: the session throws invalid_url
    /// otherwise.
    session_options& base_url(std::string url);
    /// A header of every request to the origin of `base_url`, or to any origin when there is none.
    session_options& header(std::string_view name, std::string_view value);
    /// The same for a secret: redirects to another origin go without it.
    session_options& sensitive_header(std::string_view name, std::string_view value);
    /// [`brio/x.y`], also for an empty text; `header("User-Agent", "")` sends none.
    session_options& user_agent(std::string text);

    /// Credentials of every request to the origin of `base_url`, or to any origin when there is none; those of a request
    /// itself come first.
    session_options& auth(http::auth credentials);
    /// User names and passwords from a netrc file, for requests without other credentials; each redirect is looked up
    /// by its own host [off]. An empty path: $NETRC or ~/.netrc, if it exists. `default` entries are not used. Read when
    /// the session is made, which throws std::system_error or invalid_request.
    session_options& netrc(std::string path = std::string());

    /// Everything goes through that proxy: `http://user:password@host:port`, `https://...` (the connection to the proxy is
    /// encrypted, too), `socks5://...` (names are looked up here) or `socks5h://...` (the proxy looks them up). https always through a tunnel; a proxy never sees what is inside, and
    /// the servers never see its credentials. `no_proxy` names exceptions, separated by commas: `example.com` and all
    /// below it, `.example.com` only those below, addresses, networks (`10.0.0.0/8`), each with `:port` if need be (`10.0.0.0/8:80`); `*`
    /// is all. Throws invalid_url, invalid_request.
    session_options& proxy(std::string_view url, std::string_view no_proxy = {});
    /// The proxies of the environment [off]: http_proxy (lower case only), https_proxy, all_proxy and no_proxy (also in
    /// upper case), but never for localhost and loopback addresses. Read now. Throws invalid_url.
    session_options& proxy_from_environment();

    /// Every connection goes to that Unix socket, whatever host the URL names (`http://localhost/...` by custom): for
    /// Docker and the like. A leading `@` makes it an abstract name. Proxies are not used. Throws invalid_request for a path
    /// that is none.
    session_options& unix_socket(std::string path);

    /// A mock in place of the network, for tests.
    session_options& transport(http::mock mock);
    /// Calls go through it, but for WebSockets; the one that was added first is the outermost.
    session_options& middleware(http::middleware function);
    /// Sees, and may change, the headers of each request before it is sent: also those after redirects, those that are sent
    /// again, and the handshakes of WebSockets. Those that were added first are called first.
    session_options& before_send(http::before_send function);
    /// Is told about every request; what is not asked for costs nothing.
    session_options& trace(http::tracer observer);

    /// The jar that keeps the cookies [a new one of the session's own]. Sessions with the same jar share them.
    session_options& cookies(cookie_jar jar);
    /// Cookies of answers are ignored.
    session_options& no_cookies();

    /// Connections open at the same time [100]; more requests wait for one, first come first served. 0 is taken for 1.
    session_options& limit(std::size_t connections);
    /// ... to one host [0: only the total counts].
    session_options& limit_per_host(std::size_t connections);
    /// How long an idle connection is kept [15 s]; 0 closes each after its request. A hint of the server's goes first, less a
    /// second and up to 600 s. No connection is used again when it is older than ten minutes.
    session_options& keep_alive(duration idle);

    /// At most so many requests to one host in any span of that length [no limit]; further ones wait, in the order in
    /// which they were made. A host that answers 429 or 503 with Retry-After (of at most 120 s) is left alone for as
    /// long. Throws invalid_request for 0.
    session_options& rate_limit(unsigned requests, duration period);

    /// Defaults of `options`: whole call [300 s], connect [10 s], read [60 s].
    session_options& timeout(duration limit);
    session_options& connect_timeout(duration limit);
    session_options& read_timeout(duration limit);
    /// [off]
    session_options& min_rate(std::uint64_t bytes, duration span);
    /// [10]
    session_options& redirects(unsigned most);
    /// [128 MiB]
    session_options& max_body(std::uint64_t bytes);
    /// [off]
    session_options& retry(retry_rules rules);
    /// [false]
    session_options& raise_for_status(bool on = true);

    /// A PEM file whose certificates replace the system's store of trusted authorities. Checked when the
    /// session is made: `tls_error` for a file that is missing, unreadable or holds none.
    session_options& ca_file(std::string path);
    /// A PEM file of certificates trusted in addition; checked likewise.
    session_options& extra_ca_file(std::string path);
    /// Client certificate chain and private key, PEM files; checked likewise.
    session_options& client_certificate(std::string chain_file, std::string key_file);
    /// A context of your own, for what has no setter here: certificates in memory, versions, ciphers, a key log. It should
    /// offer the protocol `http/1.1` and no other (`alpn`); also proxies that are spoken to over TLS get it. `ca_file`,
    /// `extra_ca_file`, `client_certificate` and `verify(false)` have no place beside it: invalid_request when the session is made, as for a context of a server.
    session_options& tls(tls_context context);
    /// Servers must have one of these keys, which is checked after everything else: the SHA-256 of a public key in Base64,
    /// `sha256//` in front of it or not, as curl's `--pinnedpubkey` has it. Call it once for each, the next one included,
    /// or the day on which the key changes ends the service. Other keys are a `tls_error`. Throws invalid_request.
    session_options& pin(std::string sha256);
    /// Connections are made from this address of the computer. Throws invalid_request for what is no IP address.
    session_options& local_address(std::string_view ip);
    /// Check certificates and host names [true]. Off is for tests: anybody may then answer. Logged once.
    session_options& verify(bool on);

private:
    friend class session;
    friend struct options_access;

    options defaults_;
    std::string base_url_;
    std::string user_agent_;
    std::shared_ptr<const detail::proxy_rules> proxies_;
    std::optional<std::string> netrc_;
    std::string unix_socket_;
    std::optional<http::mock> mock_;
    std::vector<http::middleware> middlewares_;
    std::vector<http::before_send> before_send_;
    http::tracer tracer_;
    std::optional<cookie_jar> cookies_;
    bool no_cookies_ = false;
    std::size_t limit_ = 100;
    std::size_t limit_per_host_ = 0;
    unsigned rate_ = 0; // requests per rate_period_; 0: no limit
    duration rate_period_{};
    duration keep_alive_ = std::chrono::seconds(15);
    std::string ca_file_;
    std::string extra_ca_file_;
    std::string certificate_file_;
    std::string key_file_;
    std::optional<tls_context> tls_;
    std::vector<std::string> pins_;
    std::optional<address> local_address_;
    bool verify_ = true;
};

} // namespace brio::inline v0::http
