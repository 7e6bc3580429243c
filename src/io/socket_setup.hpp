// SPDX-License-Identifier: BSL-1.0
// Making and binding sockets by system calls, with errors that name what failed.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/address.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::detail {

/// AF_INET, AF_INET6 or AF_UNIX. Throws std::invalid_argument for others.
[[nodiscard]] int native_family(address_family family);
/// A close-on-exec, non-blocking socket of that type (SOCK_STREAM, SOCK_DGRAM). Throws std::system_error.
[[nodiscard]] BRIO_API unique_descriptor open_socket(address_family family, int type);
/// Throws std::system_error that names `what`.
BRIO_API void set_option(const unique_descriptor& socket, int level, int name, int value, const char* what);
/// Throws std::system_error: "cannot bind `what` to `where`".
BRIO_API void bind_socket(const unique_descriptor& socket, const address& where, const char* what);
/// Where it is bound to; no address when that cannot be said.
[[nodiscard]] address local_address_of(int socket);
[[nodiscard]] address peer_address_of(int socket);
/// SO_TYPE, -1 when it is no socket.
[[nodiscard]] int type_of_socket(int socket) noexcept;
/// A socket file that nobody listens on any more or not: removes it, so that its path can be bound. Other files stay.
void remove_stale_socket(const address& where);
/// Throws std::system_error.
void make_non_blocking(int descriptor);
/// How the connect of a non-blocking socket ended, 0 or an errno; none while it is under way.
[[nodiscard]] std::optional<int> connect_outcome(int socket) noexcept;

}  // namespace brio::inline v0::detail
