// SPDX-License-Identifier: BSL-1.0
// address: where a socket is bound or connected to: IPv4, IPv6 or a Unix path.
#pragma once

#include <brio/core/config.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace brio::inline v0 {

enum class address_family : std::uint8_t {
    none,         ///< No address: an unbound socket, a peer without a name.
    ipv4,
    ipv6,
    unix_socket,  ///< A path, an abstract name (Linux), or no name at all (one end of a pair).
    other,        ///< Something that only the system knows, kept as it is.
};

/// A socket address in digits; asyncio's tuples `(host, port)` and path strings. A value: no look-up, no resource; use
/// `getaddrinfo` for names. Compares by family, host, scope and port, or by path.
class BRIO_API address {
public:
    /// No address.
    address() noexcept = default;
    /// An IPv4 or IPv6 address in digits (`"127.0.0.1"`, `"::1"`, `"fe80::1%eth0"`) and a port. Throws
    /// std::invalid_argument when `host` is anything else, a name for example.
    address(std::string_view host, std::uint16_t port);

    /// The same, none in place of an exception.
    [[nodiscard]] static std::optional<address> in_digits(std::string_view host, std::uint16_t port);

    /// A Unix socket's path. A leading NUL or `@` makes it an abstract name. Throws std::invalid_argument when it is
    /// empty, longer than the 107 bytes that the system allows, or holds a NUL further on that is no part of an abstract name.
    [[nodiscard]] static address unix_path(std::string_view path);
    /// Reads what `to_string()` writes: `127.0.0.1:80`, `[::1]:80`, `unix:/run/x`. Throws std::invalid_argument.
    [[nodiscard]] static address parse(std::string_view text);
    /// Takes over what a system call gave; no address when that is null or of no family. Throws std::invalid_argument when
    /// `size` is more than 128 or too small for the family.
    [[nodiscard]] static address from_native(const sockaddr* data, std::size_t size);

    [[nodiscard]] address_family family() const noexcept { return family_; }
    [[nodiscard]] bool empty() const noexcept { return family_ == address_family::none; }
    [[nodiscard]] bool is_ip() const noexcept { return family_ == address_family::ipv4 || family_ == address_family::ipv6; }
    [[nodiscard]] bool is_unix() const noexcept { return family_ == address_family::unix_socket; }

    /// The host in digits, with its scope (`fe80::1%2`); empty unless `is_ip()`.
    [[nodiscard]] std::string host() const;
    /// 0 unless `is_ip()`.
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// The same host with another port. Throws std::invalid_argument unless `is_ip()`.
    [[nodiscard]] address with_port(std::uint16_t port) const;
    /// The interface that a link-local IPv6 address is meant on; 0 when none is given.
    [[nodiscard]] std::uint32_t scope_id() const noexcept;
    /// The path of a Unix socket, an abstract name with its leading NUL; empty when it has no name.
    [[nodiscard]] std::string path() const;

    [[nodiscard]] bool is_loopback() const noexcept;
    [[nodiscard]] bool is_multicast() const noexcept;
    /// `0.0.0.0` or `::`, which stand for all interfaces.
    [[nodiscard]] bool is_unspecified() const noexcept;

    /// For people and for `parse`: `127.0.0.1:80`, `[::1]:80`, `unix:/run/x`, `unix:@abstract`, `(no address)`.
    [[nodiscard]] std::string to_string() const;

    /// For system calls: a `sockaddr` of the family and its size, null and 0 when empty.
    [[nodiscard]] const sockaddr* data() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Equal for equal addresses; what `std::hash` gives.
    [[nodiscard]] std::size_t hash() const noexcept;

    [[nodiscard]] std::strong_ordering operator<=>(const address& other) const noexcept;
    [[nodiscard]] bool operator==(const address& other) const noexcept { return (*this <=> other) == 0; }

private:
    /// What identifies the host: the bytes of the IP, the path, or all that the system gave.
    [[nodiscard]] std::string_view key() const noexcept;

    address_family family_ = address_family::none;
    std::uint8_t size_ = 0;
    alignas(8) std::byte bytes_[128] = {};  // a sockaddr_storage
};

BRIO_API std::ostream& operator<<(std::ostream& out, const address& a);

}  // namespace brio::inline v0

/// Addresses as keys of unordered containers.
template <>
struct std::hash<brio::address> {
    std::size_t operator()(const brio::address& a) const noexcept { return a.hash(); }
};
