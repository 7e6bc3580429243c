// SPDX-License-Identifier: BSL-1.0
// The inside of a tls_context: OpenSSL's context, and the sessions that can be continued.
#pragma once

#include "io/openssl_memory.hpp"

#include <brio/core/config.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace brio::inline v0::detail {

/// Of ASCII letters.
[[nodiscard]] std::string lower_case(std::string text);

class BRIO_API tls_context_state {
public:
    explicit tls_context_state(bool server);
    tls_context_state(const tls_context_state&) = delete;
    tls_context_state& operator=(const tls_context_state&) = delete;
    ~tls_context_state();

    [[nodiscard]] SSL_CTX* native() const noexcept { return native_.get(); }
    /// Before a connection is made: the system's authorities are read when they are first needed, which takes milliseconds.
    void complete();

    void trust_file(const std::string& file, bool only);
    void trust_pem(std::string_view pem);
    void show_file(const std::string& certificate_file, const std::string& key_file, const std::string& password);
    void show_pem(std::string_view certificate, std::string_view key);
    void offer(std::string wire_format);
    void log_keys(const std::string& file);

    /// Keeps a session, whose reference becomes ours, for the next connection to `peer`. From any thread.
    void remember(const std::string& peer, SSL_SESSION* session) noexcept;
    /// A session to continue, null when there is none; the reference is the caller's. A ticket of TLS 1.3 is used
    /// once, the newest first.
    [[nodiscard]] SSL_SESSION* recall(const std::string& peer);

    const bool server;
    bool verify = true;
    bool check_name = true;
    bool resumption = true;
    std::map<std::string, std::shared_ptr<tls_context_state>> hosts;  // by lower case

private:
    struct free_context {
        void operator()(SSL_CTX* one) const noexcept { SSL_CTX_free(one); }
    };
    static constexpr std::size_t max_remembered = 1000;  // peers
    static constexpr std::size_t max_of_peer = 64;       // tickets: each serves one of several connections that are made at once

    void trust_only_named();
    static int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                               void* self);
    static int choose_host(SSL* connection, int*, void* self);
    static void write_keys(const SSL* connection, const char* line);

    std::unique_ptr<SSL_CTX, free_context> native_;
    bool trusts_system_ = true;
    std::once_flag completed_;
    std::string alpn_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::vector<openssl_ptr<SSL_SESSION>>> sessions_;  // the newest last
    int key_log_ = -1;
};

}  // namespace brio::inline v0::detail
