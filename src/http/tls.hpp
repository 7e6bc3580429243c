// SPDX-License-Identifier: BSL-1.0
// TLS for the client: one context per session, certificates verified, sessions resumed.
#pragma once

#include "io/socket.hpp"
#include "io/transport.hpp"

#include <brio/http/error.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <string>
#include <unordered_map>

namespace brio::inline v0::http::detail {

/// Where trust comes from, and who we are.
struct tls_settings {
    std::string ca_file;
    std::string extra_ca_file;
    std::string certificate_file;
    std::string key_file;
    bool verify = true;
};

/// The OpenSSL context and the cache of resumable sessions, by `host:port`.
class tls_context {
public:
    /// Throws tls_error when a file cannot be used.
    explicit tls_context(const tls_settings& settings);
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;
    ~tls_context();

    [[nodiscard]] boost::asio::ssl::context& native() noexcept { return context_; }
    [[nodiscard]] bool verifies() const noexcept { return verify_; }

    void remember(const std::string& peer, SSL_SESSION* session);
    /// Takes the session out: a ticket is used once.
    [[nodiscard]] SSL_SESSION* recall(const std::string& peer);

private:
    boost::asio::ssl::context context_;
    bool verify_;
    std::unordered_map<std::string, SSL_SESSION*> sessions_;
};

/// A TLS connection over a connected socket.
class tls_transport final : public brio::detail::transport {
public:
    using handler_type = brio::detail::io_handler;

    tls_transport(std::unique_ptr<brio::detail::socket> lower, std::shared_ptr<tls_context> context,
                  const std::string& host, std::string peer);
    ~tls_transport() override;

    void start_handshake(handler_type handler);
    /// The server chose HTTP/1.1 or did not choose: some answer with a protocol that was not offered.
    [[nodiscard]] bool chose_http1() const noexcept;
    /// Why the handshake failed with `ec`.
    [[nodiscard]] tls_error explain(const boost::system::error_code& ec) const;

    bool try_read(void* data, std::size_t size, brio::detail::io_result& result) noexcept override;
    bool try_write(std::string_view data, brio::detail::io_result& result) noexcept override;
    void start_read(void* data, std::size_t size, handler_type handler) override;
    void start_write(std::string_view data, handler_type handler) override;
    void cancel() noexcept override;
    void close() noexcept override;
    [[nodiscard]] bool is_quiet() noexcept override;

private:
    static int on_new_session(SSL* ssl, SSL_SESSION* session);
    friend class tls_context;

    std::shared_ptr<tls_context> context_;
    std::unique_ptr<brio::detail::socket> lower_;
    boost::asio::ssl::stream<brio::detail::native_socket&> stream_;
    std::string host_;
    std::string peer_;
};

/// Awaits the handshake.
class handshake_operation final : public brio::detail::io_operation {
public:
    handshake_operation(tls_transport& target, brio::detail::time_point deadline) noexcept
        : io_operation(deadline), target_(target) {}
    static bool ready() noexcept { return false; }
    [[nodiscard]] const char* describe() const noexcept override { return "a TLS handshake"; }

private:
    void start() override { target_.start_handshake(handler()); }
    void abort() noexcept override { target_.cancel(); }
    tls_transport& target_;
};

/// The peer ended the stream without TLS's goodbye.
[[nodiscard]] bool is_truncation(const boost::system::error_code& ec) noexcept;

} // namespace brio::inline v0::http::detail
