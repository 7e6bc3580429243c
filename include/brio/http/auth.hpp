// SPDX-License-Identifier: BSL-1.0
// Credentials of a request.
#pragma once

#include <brio/core/config.hpp>

#include <memory>
#include <string>

namespace brio::inline v0::http {

namespace detail {
class credentials;
}

/// A way to prove who one is: `options().auth(auth::basic("ada", secret))`. aiohttp's `BasicAuth` and
/// `DigestAuthMiddleware`. Cheap to copy; copies share what a server said.
///
/// Credentials go to the origin (scheme, host and port) that the request is made to and, when it redirects to
/// another one, no further and not back. They never appear in error texts.
class BRIO_API auth {
public:
    /// User name and password in each request, readable by everyone on the way unless it is https. Throws
    /// invalid_request for a name with `:` and for control characters.
    [[nodiscard]] static auth basic(std::string user, std::string password);
    /// A token (RFC 6750) in each request. Throws invalid_request for one that is empty or holds other characters than
    /// letters, digits and `-._~+/=`.
    [[nodiscard]] static auth bearer(std::string token);
    /// Answers a 401 with the challenge "Digest" (RFC 7616: MD5, SHA-256, SHA-512-256, with -sess; qop "auth") by
    /// sending the request again, which needs a body that can be sent again; later requests to that origin prove it at
    /// once. A request that is refused then gives its 401.
    [[nodiscard]] static auth digest(std::string user, std::string password);

    auth(const auth&) noexcept;
    auth(auth&&) noexcept;
    auth& operator=(const auth&) noexcept;
    auth& operator=(auth&&) noexcept;
    ~auth();

private:
    friend struct options_access;
    explicit auth(std::shared_ptr<detail::credentials> of) noexcept;

    std::shared_ptr<detail::credentials> credentials_;
};

} // namespace brio::inline v0::http
