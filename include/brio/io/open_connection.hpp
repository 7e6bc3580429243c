// SPDX-License-Identifier: BSL-1.0
// Streams to a host or to a Unix socket.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/detail/deadline.hpp>
#include <brio/io/address.hpp>
#include <brio/io/stream.hpp>
#include <brio/io/tls_context.hpp>
#include <brio/io/tls_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace brio::inline v0 {

/// How a connection is made; every setter gives the object back.
class BRIO_API connect_options {
public:
    using duration = std::chrono::steady_clock::duration;

    connect_options() noexcept;
    connect_options(const connect_options&);
    connect_options(connect_options&&) noexcept;
    connect_options& operator=(const connect_options&);
    connect_options& operator=(connect_options&&) noexcept;
    ~connect_options();

    /// Longest time for all of it, look-up and handshake included; timeout_error when it has passed. Default: none.
    template <class Rep, class Period>
    connect_options& timeout(std::chrono::duration<Rep, Period> limit) {
        timeout_ = to_duration(limit);
        return *this;
    }
    /// Where the connection comes from; port 0 lets the system choose one. Only addresses of that family are tried.
    connect_options& local_address(address from) { local_ = from; return *this; }
    /// Only IPv4 or only IPv6.
    connect_options& family(address_family only) { family_ = only; return *this; }
    /// How long an address may take before the next one is tried beside it (RFC 8305). Default: 250 ms.
    template <class Rep, class Period>
    connect_options& happy_eyeballs_delay(std::chrono::duration<Rep, Period> delay) {
        stagger_ = to_duration(delay);
        return *this;
    }
    /// When every address fails: an exception_group with the error of each, in place of one error that tells all of them.
    connect_options& all_errors(bool on = true) { all_errors_ = on; return *this; }
    /// TLS, with a context for connecting: `open_connection` checks that the certificate names the host. Throws
    /// std::invalid_argument when the context is for accepting.
    connect_options& tls(tls_context context, tls_options options = tls_options());
    /// The limit of the stream's lines (`stream::limit()`); 0 throws std::invalid_argument.
    connect_options& limit(std::size_t bytes);

private:
    friend struct connect_access;
    template <class Rep, class Period>
    static duration to_duration(std::chrono::duration<Rep, Period> span) {
        return detail::deadline_after(detail::time_point(), span) - detail::time_point();
    }

    std::optional<duration> timeout_;
    std::optional<address> local_;
    address_family family_ = address_family::none;
    duration stagger_ = std::chrono::milliseconds(250);
    bool all_errors_ = false;
    std::size_t limit_ = stream::default_limit;
    std::optional<tls_context> tls_;
    tls_options tls_options_;
};

/// A TCP connection to `host`, a name or an address in digits; `""` is this computer. A name with several addresses is tried
/// in the order of RFC 8305: IPv6 and IPv4 take turns, the next one starts when one has failed or after
/// `happy_eyeballs_delay`; the first that answers wins, the others are closed. asyncio's `open_connection`.
///
/// Throws std::invalid_argument at once when TLS needs a name to check and there is none (an empty host, a Unix socket without
/// `tls_options().server_name()`), resolve_error when the name has no address, std::system_error when no address answers (the text
/// tells each and why), tls_error, timeout_error. **Cancellation** closes whatever was begun.
BRIO_API awaitable<stream> open_connection(std::string host, std::uint16_t port, connect_options options = connect_options());

/// A connection to the Unix socket at `path`; `@name` (or NUL and a name) is an abstract one. Of the options those count that
/// have a meaning here: `timeout`, `limit`, `tls`. asyncio's `open_unix_connection`.
BRIO_API awaitable<stream> open_unix_connection(std::string path, connect_options options = connect_options());

}  // namespace brio::inline v0
