// SPDX-License-Identifier: BSL-1.0
// OpenSSL by way of Asio's ssl::stream.
#include "http/tls.hpp"

#include <brio/core/log.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>

namespace brio::inline v0::http::detail {

namespace ssl = boost::asio::ssl;
using brio::detail::io_result;

namespace {

constexpr std::size_t max_remembered_sessions = 1000;

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = ERR_reason_error_string(code);
    return reason ? reason : "unknown reason";
}

bool is_address(const std::string& host) {
    unsigned char bytes[16];
    return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

void load_authorities(SSL_CTX* context, const std::string& file) {
    ERR_clear_error();
    if (SSL_CTX_load_verify_file(context, file.c_str()) == 1) return;
    throw tls_error("cannot use the CA file '" + file + "': " + openssl_reason() +
                        "; it must be a readable PEM file with at least one certificate",
                    {});
}

void load_identity(SSL_CTX* context, const tls_settings& settings) {
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1) {
        throw tls_error(
            "cannot use the client certificate '" + settings.certificate_file + "': " + openssl_reason(), {});
    }
    if (SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        throw tls_error("cannot use the private key '" + settings.key_file + "': " + openssl_reason(), {});
    }
}

void warn_once_unverified() {
    static std::atomic<bool> warned{false};
    if (!warned.exchange(true)) {
        log(log_level::warning,
            "an HTTP session was made with verify(false): its TLS peers are not authenticated");
    }
}

int transport_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

} // namespace

bool is_truncation(const boost::system::error_code& ec) noexcept {
    return ec == ssl::error::stream_truncated;
}

tls_context::tls_context(const tls_settings& settings)
    : context_(ssl::context::tls_client), verify_(settings.verify) {
    SSL_CTX* const native = context_.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_security_level(native, 2);
    if (verify_) {
        if (settings.ca_file.empty()) {
            SSL_CTX_set_default_verify_paths(native);
        } else {
            load_authorities(native, settings.ca_file);
        }
        if (!settings.extra_ca_file.empty()) load_authorities(native, settings.extra_ca_file);
        SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    } else {
        SSL_CTX_set_verify(native, SSL_VERIFY_NONE, nullptr);
        warn_once_unverified();
    }
    if (!settings.certificate_file.empty()) load_identity(native, settings);
    static constexpr unsigned char alpn[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(native, alpn, sizeof alpn - 1);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native, &tls_transport::on_new_session);
}

tls_context::~tls_context() {
    for (const auto& [peer, session] : sessions_) SSL_SESSION_free(session);
}

void tls_context::remember(const std::string& peer, SSL_SESSION* session) {
    if (sessions_.size() >= max_remembered_sessions && !sessions_.contains(peer)) {
        SSL_SESSION_free(sessions_.begin()->second);
        sessions_.erase(sessions_.begin());
    }
    SSL_SESSION*& slot = sessions_[peer];
    if (slot) SSL_SESSION_free(slot);
    slot = session;
}

SSL_SESSION* tls_context::recall(const std::string& peer) {
    const auto found = sessions_.find(peer);
    if (found == sessions_.end()) return nullptr;
    SSL_SESSION* const session = found->second;
    if (SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION) {
        sessions_.erase(found);
    } else {
        SSL_SESSION_up_ref(session);
    }
    return session;
}

tls_transport::tls_transport(std::unique_ptr<brio::detail::socket> lower,
                             std::shared_ptr<tls_context> context, const std::string& host, std::string peer)
    : context_(std::move(context)), lower_(std::move(lower)), stream_(lower_->native(), context_->native()),
      host_(host), peer_(std::move(peer)) {
    SSL* const native = stream_.native_handle();
    SSL_clear_mode(native,
                   SSL_MODE_RELEASE_BUFFERS); // a pooled connection would free and make them for each message
    SSL_set_ex_data(native, transport_index(), this);
    const bool address = is_address(host_);
    if (!address) SSL_set_tlsext_host_name(native, host_.c_str());
    if (context_->verifies()) {
        X509_VERIFY_PARAM* const expected = SSL_get0_param(native);
        X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        if (address) {
            X509_VERIFY_PARAM_set1_ip_asc(expected, host_.c_str());
        } else {
            X509_VERIFY_PARAM_set1_host(expected, host_.c_str(), host_.size());
        }
    }
    if (SSL_SESSION* const session = context_->recall(peer_)) {
        SSL_set_session(native, session);
        SSL_SESSION_free(session);
    }
}

tls_transport::~tls_transport() {
    // Without this OpenSSL takes the connection for broken and forgets the session.
    SSL_set_shutdown(stream_.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

int tls_transport::on_new_session(SSL* ssl, SSL_SESSION* session) {
    auto* const self = static_cast<tls_transport*>(SSL_get_ex_data(ssl, transport_index()));
    if (!self || !SSL_SESSION_is_resumable(session)) return 0;
    self->context_->remember(self->peer_, session);
    return 1; // the reference is ours now
}

void tls_transport::start_handshake(handler_type handler) {
    stream_.async_handshake(ssl::stream_base::client, std::move(handler));
}

bool tls_transport::chose_http1() const noexcept {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(const_cast<tls_transport*>(this)->stream_.native_handle(), &chosen, &size);
    return size == 0 || std::string_view(reinterpret_cast<const char*>(chosen), size) == "http/1.1";
}

tls_error tls_transport::explain(const boost::system::error_code& ec) const {
    SSL* const native = const_cast<tls_transport*>(this)->stream_.native_handle();
    const long verdict = SSL_get_verify_result(native);
    if (context_->verifies() && verdict != X509_V_OK) {
        const std::string reason = X509_verify_cert_error_string(verdict);
        return tls_error("the certificate of " + host_ + " is not accepted: " + reason, reason);
    }
    if (ec.category() == boost::asio::error::get_ssl_category() &&
        ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_R_WRONG_VERSION_NUMBER) {
        return tls_error(
            "TLS handshake with " + host_ + " failed: the server does not speak TLS on this port", {});
    }
    return tls_error("TLS handshake with " + host_ + " failed: " + ec.message(), {});
}

bool tls_transport::try_read(void* data, std::size_t size, io_result& result) noexcept {
    boost::system::error_code ec;
    const std::size_t n = stream_.read_some(boost::asio::buffer(data, size), ec);
    if (ec == boost::asio::error::would_block || ec == boost::asio::error::try_again) return false;
    result = io_result{ec, n};
    return true;
}

// A partial write below TLS cannot be taken back: only the asynchronous way is safe.
bool tls_transport::try_write(std::string_view, io_result&) noexcept { return false; }

void tls_transport::start_read(void* data, std::size_t size, handler_type handler) {
    stream_.async_read_some(boost::asio::buffer(data, size), std::move(handler));
}

void tls_transport::start_write(std::string_view data, handler_type handler) {
    stream_.async_write_some(boost::asio::buffer(data.data(), data.size()), std::move(handler));
}

void tls_transport::cancel() noexcept { lower_->cancel(); }
void tls_transport::close() noexcept { lower_->close(); }

// Also looks at records that were received but not decrypted yet.
bool tls_transport::is_quiet() noexcept {
    char probe = 0;
    io_result result;
    return !try_read(&probe, 1, result);
}

} // namespace brio::inline v0::http::detail
