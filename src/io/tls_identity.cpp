// SPDX-License-Identifier: BSL-1.0
// Who the peer of a TLS connection must be, who it is, and why it was refused.
#include "io/openssl_memory.hpp"
#include "io/tls.hpp"
#include "io/tls_remedy.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <arpa/inet.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace brio::inline v0 {

struct tls_access {
    static void fill(tls_info& info, SSL* connection, const std::string& asked);
};

namespace {

bool is_address(const std::string& host) {
    unsigned char bytes[16];
    return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

std::string text_of(BIO* from) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(from, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

std::string rfc2253_text(const X509_NAME* name) {
    const detail::openssl_ptr<BIO> text(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253);
    return text_of(text.get());
}

}  // namespace

void tls_access::fill(tls_info& info, SSL* connection, const std::string& asked) {
    info.version_ = SSL_get_version(connection);
    info.cipher_ = SSL_get_cipher_name(connection);
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(connection, &chosen, &size);
    if (size > 0) info.alpn_.assign(reinterpret_cast<const char*>(chosen), size);
    const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    info.server_name_ = name ? std::string(name) : asked;
    info.resumed_ = SSL_session_reused(connection) == 1;
    const detail::openssl_ptr<X509> peer(SSL_get1_peer_certificate(connection));
    if (!peer) return;
    info.peer_subject_ = rfc2253_text(X509_get_subject_name(peer.get()));
    info.peer_issuer_ = rfc2253_text(X509_get_issuer_name(peer.get()));
    const detail::openssl_ptr<BIO> pem(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(pem.get(), peer.get());
    info.peer_certificate_ = text_of(pem.get());
}

namespace detail {

void tls_engine::prepare_client() {
    SSL_set_connect_state(native());
    const std::string& host = setup_.server_name;
    const bool address = is_address(host);
    if (!host.empty() && !address) SSL_set_tlsext_host_name(native(), host.c_str());
    if (setup_.context->verify && setup_.context->check_name) {
        X509_VERIFY_PARAM* const expected = SSL_get0_param(native());
        X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        if (address) {
            X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str());
        } else {
            X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size());
        }
    }
    if (!setup_.context->resumption || setup_.session_key.empty()) return;
    if (SSL_SESSION* const session = setup_.context->recall(setup_.session_key)) {
        SSL_set_session(native(), session);
        SSL_SESSION_free(session);
    }
}

tls_error tls_engine::explain(const boost::system::error_code& ec) const {
    if (established_) {
        if (is_truncation(ec)) {
            return tls_error("the TLS connection with " + setup_.peer +
                                 " was cut: it ended without a goodbye, so that what has come may be a part",
                             {}, true);
        }
        return tls_error("TLS connection with " + setup_.peer + " failed: " + ec.message(), {});
    }
    if (verdict_ != X509_V_OK && is_tls_error(ec)) {
        const std::string reason = X509_verify_cert_error_string(verdict_);
        return tls_error("the certificate of " + setup_.peer + " is not accepted: " + reason + std::string(remedy_for_certificate(verdict_)), reason);
    }
    const std::string failed = "TLS handshake with " + setup_.peer + " failed: ";
    if (ec.category() != boost::asio::error::get_ssl_category()) {
        return tls_error(failed + (is_truncation(ec) ? "the peer has closed the connection" : ec.message()), {}, is_truncation(ec));
    }
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(ec.value()));
    if (reason == SSL_R_WRONG_VERSION_NUMBER) return tls_error(failed + "the peer does not speak TLS on this port", {});
    return tls_error(failed + ec.message() + std::string(remedy_for_handshake(ec)), {});
}

tls_info tls_transport::info() const {
    tls_info made;
    tls_access::fill(made, engine_->native(), engine_->asked_name());
    return made;
}

std::string_view tls_transport::alpn() const noexcept {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(engine_->native(), &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
}

}  // namespace detail

}  // namespace brio::inline v0
