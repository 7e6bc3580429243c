// SPDX-License-Identifier: BSL-1.0
// tls_context: who we are and whom we trust on TLS connections.
#pragma once

#include <brio/core/config.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0 {

namespace detail {
class tls_context_state;
}

enum class tls_version : std::uint8_t { tls_1_2, tls_1_3 };

/// What a server asks of its clients.
enum class client_certificates : std::uint8_t {
    none,      ///< Nothing.
    optional,  ///< A client without a certificate is served; one with a certificate that is not accepted is not.
    required,  ///< Only clients with a certificate that is accepted are served.
};

/// Settings of TLS, made once and used for many connections; asyncio's `ssl.SSLContext`. Copies are the same object. TLS 1.2
/// and newer, OpenSSL's security level 2. Every setter gives the context back, takes effect for connections that begin
/// later, and throws tls_error when what it was given cannot be used: it says which file and why. Setters may not be called
/// while other threads make connections with the context; connecting may be done by several loops at the same time.
///
///     brio::stream s = co_await brio::open_connection("example.org", 443,
///         brio::connect_options().tls(brio::tls_context::client()));
class BRIO_API tls_context {
public:
    /// For connecting: the peer's certificate must come from an authority that this system trusts and name the host.
    /// asyncio's `ssl.create_default_context()`.
    [[nodiscard]] static tls_context client();
    /// For accepting, with the certificate (PEM, the chain behind it) and its key (PEM). Clients are not asked for one.
    [[nodiscard]] static tls_context server(const std::string& certificate_file, const std::string& key_file,
                                            const std::string& password = {});
    /// The same with the PEM texts themselves.
    [[nodiscard]] static tls_context server_pem(std::string_view certificate, std::string_view key);

    /// Whether it is for accepting.
    [[nodiscard]] bool is_server() const noexcept;

    /// Trusts the authorities in this PEM file, and no longer those of the system; called again, these as well.
    tls_context& ca_file(const std::string& file);
    tls_context& ca_pem(std::string_view pem);
    /// Trusts them in addition.
    tls_context& extra_ca_file(const std::string& file);
    /// What we show: a client's certificate; for a server another one, for connections from now on.
    tls_context& certificate(const std::string& certificate_file, const std::string& key_file, const std::string& password = {});
    tls_context& certificate_pem(std::string_view certificate, std::string_view key);
    /// `false`: whoever answers is accepted. For tests only; says so in the log, once.
    tls_context& verify(bool on);
    /// `false`: any certificate of a trusted authority is accepted, whatever host it names.
    tls_context& check_host_name(bool on);
    /// Of a server: whether clients must show certificates, from the authorities that were named.
    tls_context& ask_clients(client_certificates what);
    /// The protocols to be offered, the best one first (`"h2"`, `"http/1.1"`); of a server: to be chosen from. Which one it is:
    /// `stream.tls()->alpn()`.
    tls_context& alpn(const std::vector<std::string>& protocols);
    tls_context& versions(tls_version oldest, tls_version newest = tls_version::tls_1_3);
    /// Cipher suites of TLS 1.2 in OpenSSL's notation.
    tls_context& ciphers(const std::string& list);
    /// Whether sessions are kept, so that later connections to the same peer are faster. Default: yes.
    tls_context& session_resumption(bool on);
    /// Of a server: clients that ask for `host` (SNI) are served with `other`.
    tls_context& host(const std::string& name, const tls_context& other);
    /// Appends the keys of all connections to a file, for Wireshark. What is in it decrypts them.
    tls_context& key_log_file(const std::string& file);

    /// For brio itself.
    [[nodiscard]] const std::shared_ptr<detail::tls_context_state>& state() const noexcept { return state_; }

private:
    explicit tls_context(std::shared_ptr<detail::tls_context_state> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<detail::tls_context_state> state_;
};

}  // namespace brio::inline v0
