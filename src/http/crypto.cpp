// SPDX-License-Identifier: BSL-1.0
// OpenSSL's digests and generator.
#include "crypto.hpp"

#include "base64.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <system_error>

namespace brio::inline v0::http::detail {

namespace {

const EVP_MD* method_of(hash_kind kind) noexcept {
    switch (kind) {
    case hash_kind::sha256:
        return EVP_sha256();
    case hash_kind::sha512_256:
        return EVP_sha512_256();
    case hash_kind::md5:
        break;
    }
    return EVP_md5();
}

// Found once, and never given back. A method that was found fails for want of memory only.
const EVP_MD* found_sha1() {
    static const EVP_MD* const found = [] {
        const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA1", nullptr);
        if (!method) throw std::runtime_error("OpenSSL offers no SHA-1, which WebSocket handshakes are made with");
        return method;
    }();
    return found;
}

std::string to_hex(const unsigned char* bytes, std::size_t size) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * size);
    for (std::size_t i = 0; i < size; ++i) text.append(1, digits[bytes[i] >> 4]).append(1, digits[bytes[i] & 15]);
    return text;
}

} // namespace

std::optional<std::string> hex_hash(hash_kind kind, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), out, &size, method_of(kind), nullptr) != 1) return std::nullopt;
    return to_hex(out, size);
}

sha256_stream::sha256_stream() : state_(EVP_MD_CTX_new()) {
    if (state_ && EVP_DigestInit_ex(state_, EVP_sha256(), nullptr) == 1) return;
    EVP_MD_CTX_free(state_);
    throw std::runtime_error("OpenSSL offers no SHA-256");
}
sha256_stream::~sha256_stream() { EVP_MD_CTX_free(state_); }

void sha256_stream::update(std::string_view bytes) noexcept { EVP_DigestUpdate(state_, bytes.data(), bytes.size()); }

std::string sha256_stream::hex() {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(state_, out, &size);
    return to_hex(out, size);
}

std::array<char, 20> sha1(std::string_view text) {
    std::array<char, 20> out{};
    if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, found_sha1(), nullptr) != 1) {
        throw std::bad_alloc();
    }
    return out;
}

std::string key_pin(const std::string& certificate) {
    const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())), &BIO_free);
    const std::unique_ptr<X509, void (*)(X509*)> shown(text ? PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr) : nullptr, &X509_free);
    unsigned char* key = nullptr;
    const int size = shown ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(shown.get()), &key) : -1;
    if (size < 0) return {};
    char hash[32];
    const bool hashed = EVP_Digest(key, static_cast<std::size_t>(size), reinterpret_cast<unsigned char*>(hash), nullptr, EVP_sha256(), nullptr) == 1;
    OPENSSL_free(key);
    return hashed ? base64({hash, sizeof hash}) : std::string();
}

void fill_random(void* out, std::size_t size) {
    if (RAND_bytes(static_cast<unsigned char*>(out), static_cast<int>(size)) != 1) {
        throw std::system_error(EIO, std::generic_category(), "OpenSSL's generator gave no random bytes");
    }
}

double random_fraction() {
    std::uint32_t bits = 0;
    fill_random(&bits, sizeof bits);
    return bits / 4294967296.0;
}

std::string random_hex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    fill_random(raw.data(), bytes);
    return to_hex(reinterpret_cast<const unsigned char*>(raw.data()), bytes);
}

} // namespace brio::inline v0::http::detail
