// SPDX-License-Identifier: BSL-1.0
// Digest authentication (RFC 7616) with one origin at a time.
#pragma once

#include "crypto.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// MD5, SHA-256, SHA-512-256, each with and without -sess; quality of protection "auth", or none (RFC 2069). The
/// strongest challenge that it knows is answered. Whatever a server of one origin said is never used for another.
class digest_machine {
public:
    using nonce_source = std::function<std::string()>;

    digest_machine(std::string user, std::string password, nonce_source client_nonce = [] { return random_hex(16); });

    /// Takes the challenges of a 401 answer. True: authorize() has something new to say, send the request again.
    /// `answered` tells how often this request was sent again for a challenge already: a second time is only for a
    /// nonce that the server calls stale.
    bool challenged(std::string_view origin, std::string_view challenges, unsigned answered);
    /// The Authorization header of a request; empty before this origin's first challenge. Counts the nonce.
    [[nodiscard]] std::string authorize(std::string_view origin, std::string_view method, std::string_view target);
    /// Takes an Authentication-Info header: the server may announce the next nonce.
    void informed(std::string_view origin, std::string_view info);

private:
    struct state {
        std::string origin;
        std::string realm;
        std::string nonce;
        std::string opaque;
        std::string algorithm; // as the server wrote it; empty: none given
        std::string client_nonce;
        std::string secret; // H(A1), for as long as the nonce is used
        std::uint32_t count = 0;
        hash_kind hash = hash_kind::md5;
        bool session = false; // -sess
        bool has_opaque = false;
        bool with_quality = false; // qop=auth
        bool hash_user = false;
        bool utf8 = false;
    };
    void start_nonce(std::string nonce);
    [[nodiscard]] std::string hash(const std::string& text) const { return hex_hash(state_.hash, text).value_or(std::string()); }
    [[nodiscard]] std::string user_field() const;

    std::string user_;
    std::string password_;
    nonce_source make_client_nonce_;
    state state_;
};

} // namespace brio::inline v0::http::detail
