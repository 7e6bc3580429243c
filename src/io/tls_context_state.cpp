// SPDX-License-Identifier: BSL-1.0
// Settings of OpenSSL.
#include "io/tls_context_state.hpp"

#include "io/openssl_memory.hpp"
#include "io/tls.hpp"

#include <brio/io/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace brio::inline v0::detail {

namespace {

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = ERR_reason_error_string(code);
    return reason ? reason : "unknown reason";
}

// Never asks at a terminal.
int give_password(char* room, int size, int, void* password) {
    const auto* const text = static_cast<const std::string*>(password);
    if (!text || text->size() > static_cast<std::size_t>(size)) return 0;
    std::memcpy(room, text->data(), text->size());
    return static_cast<int>(text->size());
}

openssl_ptr<BIO> memory_of(std::string_view pem) {
    return openssl_ptr<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

int context_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

}  // namespace

std::string lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

tls_context_state::tls_context_state(bool for_server)
    : server(for_server), native_(SSL_CTX_new(for_server ? TLS_server_method() : TLS_client_method())) {
    SSL_CTX* const context = native_.get();
    if (!context) throw tls_error("cannot make a TLS context: " + openssl_reason(), {});
    SSL_CTX_set_ex_data(context, context_index(), this);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Writes end when a record has been made; the buffer that they came from may have moved when they go on.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (server) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // sessions are in the tickets that clients keep
        static constexpr unsigned char name[] = "brio";
        SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
        SSL_CTX_set_tlsext_servername_callback(context, &choose_host);
        SSL_CTX_set_tlsext_servername_arg(context, this);
    } else {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, &tls_engine::keep_session);
    }
}

tls_context_state::~tls_context_state() {
    if (key_log_ >= 0) ::close(key_log_);
}

void tls_context_state::complete() {
    if (server || !verify) return;
    std::call_once(completed_, [this] {
        if (trusts_system_) SSL_CTX_set_default_verify_paths(native());
    });
}

void tls_context_state::trust_only_named() {
    if (!std::exchange(trusts_system_, false)) return;
    SSL_CTX_set_cert_store(native(), X509_STORE_new());
}

void tls_context_state::trust_file(const std::string& file, bool only) {
    if (only) trust_only_named();
    ERR_clear_error();
    if (SSL_CTX_load_verify_file(native(), file.c_str()) != 1) {
        throw tls_error("cannot use the CA file '" + file + "': " + openssl_reason() +
                            "; it must be a readable PEM file with at least one certificate",
                        {});
    }
    if (!server) return;
    if (STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str())) SSL_CTX_set_client_CA_list(native(), names);
}

void tls_context_state::trust_pem(std::string_view pem) {
    trust_only_named();
    ERR_clear_error();
    const auto text = memory_of(pem);
    std::size_t found = 0;
    while (const openssl_ptr<X509> one{PEM_read_bio_X509(text.get(), nullptr, &give_password, nullptr)}) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(native()), one.get());
        if (server) SSL_CTX_add_client_CA(native(), one.get());
        ++found;
    }
    if (found == 0) throw tls_error("cannot use the CA certificates given as PEM: " + openssl_reason(), {});
    ERR_clear_error();
}

void tls_context_state::show_file(const std::string& certificate_file, const std::string& key_file, const std::string& password) {
    ERR_clear_error();
    std::string secret = password;
    SSL_CTX_set_default_passwd_cb(native(), &give_password);
    SSL_CTX_set_default_passwd_cb_userdata(native(), &secret);
    const bool certificate = SSL_CTX_use_certificate_chain_file(native(), certificate_file.c_str()) == 1;
    const bool key = certificate && SSL_CTX_use_PrivateKey_file(native(), key_file.c_str(), SSL_FILETYPE_PEM) == 1 &&
                     SSL_CTX_check_private_key(native()) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(native(), nullptr);
    OPENSSL_cleanse(secret.data(), secret.size());
    if (!certificate) throw tls_error("cannot use the certificate '" + certificate_file + "': " + openssl_reason(), {});
    if (!key) throw tls_error("cannot use the private key '" + key_file + "': " + openssl_reason(), {});
}

void tls_context_state::show_pem(std::string_view certificate, std::string_view key) {
    ERR_clear_error();
    const auto text = memory_of(certificate);
    const openssl_ptr<X509> own(PEM_read_bio_X509(text.get(), nullptr, &give_password, nullptr));
    if (!own || SSL_CTX_use_certificate(native(), own.get()) != 1) {
        throw tls_error("cannot use the certificate given as PEM: " + openssl_reason(), {});
    }
    SSL_CTX_clear_chain_certs(native());
    while (const openssl_ptr<X509> next{PEM_read_bio_X509(text.get(), nullptr, &give_password, nullptr)}) {
        SSL_CTX_add1_chain_cert(native(), next.get());
    }
    ERR_clear_error();
    const auto key_text = memory_of(key);
    const openssl_ptr<EVP_PKEY> secret(PEM_read_bio_PrivateKey(key_text.get(), nullptr, &give_password, nullptr));
    if (!secret || SSL_CTX_use_PrivateKey(native(), secret.get()) != 1 || SSL_CTX_check_private_key(native()) != 1) {
        throw tls_error("cannot use the private key given as PEM: " + openssl_reason(), {});
    }
}

void tls_context_state::offer(std::string wire_format) {
    alpn_ = std::move(wire_format);
    if (server) {
        SSL_CTX_set_alpn_select_cb(native(), alpn_.empty() ? nullptr : &choose_protocol, this);
    } else {
        SSL_CTX_set_alpn_protos(native(), reinterpret_cast<const unsigned char*>(alpn_.data()), static_cast<unsigned>(alpn_.size()));
    }
}

// The server's order counts. Nothing in common: the connection goes on without, as Python's does.
int tls_context_state::choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                                       unsigned in_size, void* self) {
    const std::string& own = static_cast<tls_context_state*>(self)->alpn_;
    unsigned char* chosen = nullptr;
    const int how = SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(own.data()),
                                          static_cast<unsigned>(own.size()), in, in_size);
    *out = chosen;
    return how == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

int tls_context_state::choose_host(SSL* connection, int*, void* self) {
    const auto& hosts = static_cast<tls_context_state*>(self)->hosts;
    const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    if (!name || hosts.empty()) return SSL_TLSEXT_ERR_NOACK;
    const auto found = hosts.find(lower_case(name));
    if (found == hosts.end()) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_SSL_CTX(connection, found->second->native());
    SSL_set_verify(connection, SSL_CTX_get_verify_mode(found->second->native()), nullptr);
    return SSL_TLSEXT_ERR_OK;
}

void tls_context_state::log_keys(const std::string& file) {
    const int opened = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (opened < 0) throw tls_error("cannot write the key log '" + file + "': " + std::strerror(errno), {});
    if (key_log_ >= 0) ::close(key_log_);
    key_log_ = opened;
    SSL_CTX_set_keylog_callback(native(), &write_keys);
}

void tls_context_state::write_keys(const SSL* connection, const char* line) {
    const auto* const self =
        static_cast<const tls_context_state*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), context_index()));
    const std::string text = std::string(line) + "\n";  // one write: lines of several threads stay whole
    if (::write(self->key_log_, text.data(), text.size()) < 0) return;
}

void tls_context_state::remember(const std::string& peer, SSL_SESSION* session) noexcept {
    openssl_ptr<SSL_SESSION> kept(session);
    try {
        const std::lock_guard lock(mutex_);
        if (sessions_.size() >= max_remembered && !sessions_.contains(peer)) sessions_.erase(sessions_.begin());
        auto& of_peer = sessions_[peer];
        if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION) of_peer.clear();  // one will do: it is not used up
        if (of_peer.size() == max_of_peer) of_peer.erase(of_peer.begin());
        of_peer.push_back(std::move(kept));
    } catch (const std::bad_alloc&) {  // the next connection makes a handshake in full
    }
}

SSL_SESSION* tls_context_state::recall(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(peer);
    if (found == sessions_.end() || found->second.empty()) return nullptr;
    SSL_SESSION* const session = found->second.back().get();
    SSL_SESSION_up_ref(session);
    if (SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION) {
        found->second.pop_back();
        if (found->second.empty()) sessions_.erase(found);
    }
    return session;
}

}  // namespace brio::inline v0::detail
