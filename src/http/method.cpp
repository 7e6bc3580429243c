// SPDX-License-Identifier: BSL-1.0
// Request methods.
#include "chars.hpp"

#include <brio/http/error.hpp>
#include <brio/http/method.hpp>

namespace brio::inline v0::http {

std::string normalize_method(std::string_view method) {
    if (method.size() > 64 || !detail::is_token(method))
        throw invalid_request("invalid request method \"" + detail::printable(method, 64) +
                              "\": it must be a token of 1 to 64 letters, digits or !#$%&'*+-.^_`|~");
    for (std::string_view known : {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"})
        if (detail::iequals(known, method)) return std::string(known);
    return std::string(method);
}

bool is_idempotent(std::string_view method) noexcept {
    for (std::string_view known : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
        if (known == method) return true;
    return false;
}

} // namespace brio::inline v0::http
