// SPDX-License-Identifier: BSL-1.0
// Opening a connection for a URL: resolve, connect, TLS.
#pragma once

#include "http/call_limits.hpp"
#include "http/connection.hpp"
#include "http/session_core.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/error.hpp>
#include <brio/http/url.hpp>

#include <memory>

namespace brio::inline v0::http::detail {

/// The peer has ended the connection in the handshake, without a word about why: it may go better next time.
class broken_handshake final : public tls_error {
public:
    using tls_error::tls_error;
};

/// A connection to the origin of `target`, ready for a request; through `proxy`, if there is one: a tunnel, but for
/// http through an HTTP proxy, unless `tunnel` says so. `server_name`: for TLS, in place of the host's, unless it is empty.
/// Throws connect_error, tls_error, timeout; session_closed when the session is closed meanwhile.
awaitable<std::unique_ptr<connection>> open_connection(std::shared_ptr<session_core> core, const http::url& target,
                                                       const http::url* proxy, bool tunnel, std::string server_name,
                                                       const call_limits& limits);

/// Without a tunnel, requests for `target` carry its whole URL, because the proxy is to fetch it.
[[nodiscard]] bool is_forwarded(const http::url& target, const http::url* proxy) noexcept;

} // namespace brio::inline v0::http::detail
