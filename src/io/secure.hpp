// SPDX-License-Identifier: BSL-1.0
// TLS on top of a connected transport, for those who connect and those who accept.
#pragma once

#include "io/tls.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/io/stream.hpp>
#include <brio/io/tls_context.hpp>
#include <brio/io/tls_options.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace brio::inline v0::detail {

/// What a connection is told. `host` and `port`: where it was connected to, if that is known, for the name that is checked and
/// for sessions; `peer`: for people. Throws std::invalid_argument when a name has to be checked and there is none.
[[nodiscard]] BRIO_API tls_setup make_setup(const tls_context& context, const tls_options& options, const std::string& host,
                                            std::string peer);

/// Throws std::invalid_argument when a name has to be checked and there is none.
BRIO_API void require_name(const tls_context& context, const tls_options& options, const std::string& host, const std::string& peer);

/// Awaits the handshake, at most as long as the options say. Throws tls_error, timeout_error, std::system_error.
BRIO_API awaitable<> shake_hands(tls_transport& over, tls_options options, std::string peer);

/// A stream over `lower` that begins with a handshake: how a server treats an accepted connection. **Cancellation** closes it.
BRIO_API awaitable<stream> make_tls_stream(std::unique_ptr<transport> lower, tls_context context, tls_options options,
                                           std::string host, std::string peer, std::size_t limit = stream::default_limit);

}  // namespace brio::inline v0::detail
