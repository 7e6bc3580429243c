// SPDX-License-Identifier: BSL-1.0
// Ownership of OpenSSL's objects.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace brio::inline v0::detail {

struct openssl_delete {
    void operator()(BIO* one) const noexcept { BIO_free(one); }
    void operator()(X509* one) const noexcept { X509_free(one); }
    void operator()(EVP_PKEY* one) const noexcept { EVP_PKEY_free(one); }
    void operator()(SSL_SESSION* one) const noexcept { SSL_SESSION_free(one); }
};

template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_delete>;

}  // namespace brio::inline v0::detail
