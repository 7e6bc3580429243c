// SPDX-License-Identifier: BSL-1.0
// What to do about a TLS connection that does not come about.
#include "io/tls_remedy.hpp"

#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509_vfy.h>

namespace brio::inline v0::detail {

std::string_view remedy_for_certificate(long verdict) noexcept {
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "; whoever runs the server must renew it, unless the clock of this machine is wrong";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "; check the clock of this machine";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "; it belongs to others: check the host name, or whoever runs the server must get one for that name";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "; if you trust who signed it, give the certificate of that authority by ca_file or extra_ca_file";
        default:
            return {};
    }
}

std::string_view remedy_for_handshake(const boost::system::error_code& ec) noexcept {
    if (ec.category() != boost::asio::error::get_ssl_category()) return {};
    switch (ERR_GET_REASON(static_cast<unsigned long>(ec.value()))) {
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            return "; both sides need TLS 1.2 or 1.3: a peer that is older must be updated";
        case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
            return "; the peer wants a client certificate";
        case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
            return "; the peer has no cipher in common with us, or wants a client certificate";
        default:
            return {};
    }
}

}  // namespace brio::inline v0::detail
