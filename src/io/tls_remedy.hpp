// SPDX-License-Identifier: BSL-1.0
// What to do about a TLS connection that does not come about.
#pragma once

#include <brio/core/config.hpp>

#include <boost/system/error_code.hpp>

#include <string_view>

namespace brio::inline v0::detail {

/// For the end of an error's text: "; " and what to do about a certificate that was refused with that X509_V_ERR_...;
/// empty when there is nothing to say.
[[nodiscard]] BRIO_API std::string_view remedy_for_certificate(long verdict) noexcept;
/// The same for an error of the handshake that OpenSSL reports.
[[nodiscard]] BRIO_API std::string_view remedy_for_handshake(const boost::system::error_code& ec) noexcept;

}  // namespace brio::inline v0::detail
