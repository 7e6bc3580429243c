// SPDX-License-Identifier: BSL-1.0
// The handshakes with proxies, without any I/O.
#pragma once

#include <brio/http/url.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// A conversation at the beginning of a connection. Write what output() gives, feed what comes back, until is_done().
/// Throws proxy_error; nothing may be done with the connection afterwards.
class tunnel_machine {
public:
    tunnel_machine() noexcept = default;
    tunnel_machine(const tunnel_machine&) = delete;
    tunnel_machine& operator=(const tunnel_machine&) = delete;
    virtual ~tunnel_machine();

    /// Takes what is to be written now; empty when it is the turn of the proxy.
    virtual std::string output() = 0;
    /// Takes bytes from the proxy. It speaks only when it is asked: bytes behind its last answer are an error.
    virtual void feed(std::string_view in) = 0;
    /// The proxy has closed the connection.
    virtual void feed_eof() = 0;
    [[nodiscard]] virtual bool is_done() const noexcept = 0;
    /// After an error: the proxy does not reach that address. It may reach another one.
    [[nodiscard]] virtual bool is_unreached() const noexcept { return false; }
};

/// `host:port` of a CONNECT request, the port always, an IPv6 address in brackets.
std::string connect_authority(const http::url& target);

/// The value of Proxy-Authorization for the user name and password in a proxy's URL; empty when there are none. Throws
/// invalid_request.
std::string proxy_authorization(const http::url& proxy);

/// CONNECT (RFC 9110 section 9.3.6), with basic authentication. The answer's head is limited to 16 KiB, of the body of
/// a refusal 4 KiB are read.
std::unique_ptr<tunnel_machine> make_connect_tunnel(const http::url& proxy, const http::url& target, std::string_view user_agent);

/// SOCKS 5 (RFC 1928) with names and passwords (RFC 1929). `host`: an address, or a name for the proxy to look up, of at
/// most 255 bytes. Throws invalid_request for a name that is longer: it is never looked up here instead.
std::unique_ptr<tunnel_machine> make_socks5_tunnel(const http::url& proxy, const std::string& host, std::uint16_t port);

} // namespace brio::inline v0::http::detail
