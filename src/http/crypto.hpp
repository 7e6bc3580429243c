// SPDX-License-Identifier: BSL-1.0
// Hashes and random bytes, by OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st; // OpenSSL's

namespace brio::inline v0::http::detail {

enum class hash_kind : unsigned char { md5, sha256, sha512_256 };

/// In lower-case hexadecimal; nullopt when this OpenSSL does not offer the hash (MD5 in FIPS mode).
std::optional<std::string> hex_hash(hash_kind kind, std::string_view text);

/// SHA-256 of what comes in pieces. Throws std::runtime_error when this OpenSSL does not offer it.
class sha256_stream {
public:
    sha256_stream();
    sha256_stream(const sha256_stream&) = delete;
    sha256_stream& operator=(const sha256_stream&) = delete;
    ~sha256_stream();
    void update(std::string_view bytes) noexcept;
    /// In lower-case hexadecimal; nothing can follow.
    std::string hex();

private:
    evp_md_ctx_st* state_;
};

std::array<char, 20> sha1(std::string_view text);

/// The SHA-256 of the public key in a certificate (PEM), in Base64; empty when it cannot be had.
std::string key_pin(const std::string& certificate);

/// From OpenSSL's cryptographic generator. Throws std::system_error when it has none to give.
void fill_random(void* out, std::size_t size);
/// A number in [0, 1).
double random_fraction();
/// `bytes` random bytes as twice as many hexadecimal digits.
std::string random_hex(std::size_t bytes);

} // namespace brio::inline v0::http::detail
