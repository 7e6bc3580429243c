// SPDX-License-Identifier: BSL-1.0
// tls_options: what is said of one TLS connection, and tls_info: what it has become.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/deadline.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace brio::inline v0 {

/// Every setter gives the object back.
class BRIO_API tls_options {
public:
    using duration = std::chrono::steady_clock::duration;
    static constexpr std::chrono::seconds default_handshake_timeout{60};
    static constexpr std::chrono::seconds default_shutdown_timeout{30};

    tls_options() noexcept {}

    /// The host that the peer's certificate must name and that it is asked for (SNI). Default: the host that was connected
    /// to; a client that did not connect to a host by `open_connection` must say it, unless nothing is verified.
    tls_options& server_name(std::string host) {
        server_name_ = std::move(host);
        return *this;
    }
    /// Longest time for the handshake; timeout_error, and the connection is closed. Default: 60 s.
    template <class Rep, class Period>
    tls_options& handshake_timeout(std::chrono::duration<Rep, Period> limit) {
        handshake_timeout_ = positive(limit, "handshake_timeout");
        return *this;
    }
    /// After `close()`: how long the peer may take for its goodbye, then the connection is aborted. Default: 30 s.
    template <class Rep, class Period>
    tls_options& shutdown_timeout(std::chrono::duration<Rep, Period> limit) {
        shutdown_timeout_ = positive(limit, "shutdown_timeout");
        return *this;
    }
    /// A connection that ends without TLS's goodbye has ended like any other. Only for protocols that say themselves how
    /// long a message is: everybody on the way can cut a connection.
    tls_options& accept_truncation(bool on = true) noexcept {
        accept_truncation_ = on;
        return *this;
    }

    [[nodiscard]] const std::string& chosen_server_name() const noexcept { return server_name_; }
    [[nodiscard]] duration chosen_handshake_timeout() const noexcept { return handshake_timeout_; }
    [[nodiscard]] duration chosen_shutdown_timeout() const noexcept { return shutdown_timeout_; }
    [[nodiscard]] bool truncation_accepted() const noexcept { return accept_truncation_; }

private:
    template <class Rep, class Period>
    static duration positive(std::chrono::duration<Rep, Period> limit, const char* name) {
        const duration made = detail::deadline_after(detail::time_point(), limit) - detail::time_point();
        if (made <= duration::zero()) refuse(name);
        return made;
    }
    [[noreturn]] static void refuse(const char* name);

    std::string server_name_;
    duration handshake_timeout_ = default_handshake_timeout;
    duration shutdown_timeout_ = default_shutdown_timeout;
    bool accept_truncation_ = false;
};

/// A TLS connection as the handshake has made it; asyncio's `get_extra_info("cipher")`, `"peercert"` and so on.
class BRIO_API tls_info {
public:
    /// `TLSv1.3`
    [[nodiscard]] const std::string& version() const noexcept { return version_; }
    /// `TLS_AES_256_GCM_SHA384`
    [[nodiscard]] const std::string& cipher() const noexcept { return cipher_; }
    /// The protocol that was agreed on; empty when none was.
    [[nodiscard]] const std::string& alpn() const noexcept { return alpn_; }
    /// The host that was asked for.
    [[nodiscard]] const std::string& server_name() const noexcept { return server_name_; }
    /// Whose certificate the peer has shown, as RFC 2253 writes names; empty when it has shown none.
    [[nodiscard]] const std::string& peer_subject() const noexcept { return peer_subject_; }
    [[nodiscard]] const std::string& peer_issuer() const noexcept { return peer_issuer_; }
    /// The certificate itself, PEM.
    [[nodiscard]] const std::string& peer_certificate() const noexcept { return peer_certificate_; }
    /// Whether an earlier session was continued.
    [[nodiscard]] bool resumed() const noexcept { return resumed_; }

private:
    friend struct tls_access;
    std::string version_;
    std::string cipher_;
    std::string alpn_;
    std::string server_name_;
    std::string peer_subject_;
    std::string peer_issuer_;
    std::string peer_certificate_;
    bool resumed_ = false;
};

}  // namespace brio::inline v0
