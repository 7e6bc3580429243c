// SPDX-License-Identifier: BSL-1.0
// The settings that users make.
#include <brio/io/tls_context.hpp>

#include "io/tls_context_state.hpp"

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/io/error.hpp>
#include <brio/io/tls_options.hpp>

#include <openssl/ssl.h>

#include <atomic>
#include <stdexcept>

namespace brio::inline v0 {

namespace {

void warn_once_unverified() {
    static std::atomic<bool> warned{false};
    if (warned.exchange(true)) return;
    log(log_level::warning, "verify(false): TLS connections are made to peers that are not authenticated");
}

int native(tls_version version) noexcept { return version == tls_version::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION; }

// Each name with its length before it.
std::string to_wire(const std::vector<std::string>& protocols) {
    std::string wire;
    for (const std::string& one : protocols) {
        if (one.empty() || one.size() > 255) {
            throw std::invalid_argument("tls_context.alpn(): the name of a protocol has 1 to 255 bytes, not " + std::to_string(one.size()));
        }
        wire += static_cast<char>(one.size());
        wire += one;
    }
    return wire;
}

}  // namespace

void tls_options::refuse(const char* name) {
    throw std::invalid_argument("tls_options." + std::string(name) + "(): the time must be more than 0");
}

tls_context tls_context::client() { return tls_context(std::make_shared<detail::tls_context_state>(false)); }

tls_context tls_context::server(const std::string& certificate_file, const std::string& key_file, const std::string& password) {
    tls_context made(std::make_shared<detail::tls_context_state>(true));
    made.certificate(certificate_file, key_file, password);
    return made;
}

tls_context tls_context::server_pem(std::string_view certificate, std::string_view key) {
    tls_context made(std::make_shared<detail::tls_context_state>(true));
    made.certificate_pem(certificate, key);
    return made;
}

bool tls_context::is_server() const noexcept { return state_->server; }

tls_context& tls_context::ca_file(const std::string& file) {
    state_->trust_file(file, true);
    return *this;
}

tls_context& tls_context::ca_pem(std::string_view pem) {
    state_->trust_pem(pem);
    return *this;
}

tls_context& tls_context::extra_ca_file(const std::string& file) {
    state_->trust_file(file, false);
    return *this;
}

tls_context& tls_context::certificate(const std::string& certificate_file, const std::string& key_file,
                                      const std::string& password) {
    state_->show_file(certificate_file, key_file, password);
    return *this;
}

tls_context& tls_context::certificate_pem(std::string_view certificate, std::string_view key) {
    state_->show_pem(certificate, key);
    return *this;
}

tls_context& tls_context::verify(bool on) {
    if (state_->server) throw invalid_state_error("tls_context.verify(): of a server, use ask_clients()");
    state_->verify = on;
    SSL_CTX_set_verify(state_->native(), on ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (!on) warn_once_unverified();
    return *this;
}

tls_context& tls_context::check_host_name(bool on) {
    state_->check_name = on;
    return *this;
}

tls_context& tls_context::ask_clients(client_certificates what) {
    if (!state_->server) throw invalid_state_error("tls_context.ask_clients(): this context is for connecting");
    int mode = SSL_VERIFY_NONE;
    if (what != client_certificates::none) mode = SSL_VERIFY_PEER;
    if (what == client_certificates::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(state_->native(), mode, nullptr);
    return *this;
}

tls_context& tls_context::alpn(const std::vector<std::string>& protocols) {
    state_->offer(to_wire(protocols));
    return *this;
}

tls_context& tls_context::versions(tls_version oldest, tls_version newest) {
    if (native(newest) < native(oldest)) {
        throw std::invalid_argument("tls_context.versions(): the newest version is older than the oldest one");
    }
    SSL_CTX_set_min_proto_version(state_->native(), native(oldest));
    SSL_CTX_set_max_proto_version(state_->native(), native(newest));
    return *this;
}

tls_context& tls_context::ciphers(const std::string& list) {
    if (SSL_CTX_set_cipher_list(state_->native(), list.c_str()) != 1) {
        throw tls_error("no cipher suite of this OpenSSL is in '" + list + "'", {});
    }
    return *this;
}

tls_context& tls_context::session_resumption(bool on) {
    state_->resumption = on;
    if (!state_->server) return *this;
    if (on) {
        SSL_CTX_clear_options(state_->native(), SSL_OP_NO_TICKET);
    } else {
        SSL_CTX_set_options(state_->native(), SSL_OP_NO_TICKET);
    }
    SSL_CTX_set_num_tickets(state_->native(), on ? 2 : 0);
    return *this;
}

tls_context& tls_context::host(const std::string& name, const tls_context& other) {
    if (!state_->server || !other.is_server()) {
        throw invalid_state_error("tls_context.host('" + name + "'): both contexts must be for accepting");
    }
    state_->hosts[detail::lower_case(name)] = other.state_;
    return *this;
}

tls_context& tls_context::key_log_file(const std::string& file) {
    state_->log_keys(file);
    return *this;
}

}  // namespace brio::inline v0
