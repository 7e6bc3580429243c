// SPDX-License-Identifier: BSL-1.0
// How a datagram socket is opened.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0 {

/// An address, or a host and a port to be looked up.
class BRIO_API endpoint_choice {
public:
    endpoint_choice(address exact) noexcept : exact_(std::move(exact)) {}  // NOLINT(google-explicit-constructor)
    endpoint_choice(std::string host, std::uint16_t port) noexcept : host_(std::move(host)), port_(port) {}

    /// No address when it must be looked up.
    [[nodiscard]] const address& exact() const noexcept { return exact_; }
    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    address exact_;
    std::string host_;
    std::uint16_t port_ = 0;
};

/// For `open_datagram`; every setter gives the object back.
class BRIO_API datagram_options {
public:
    datagram_options() noexcept {}

    /// Where to receive: a host (empty: all interfaces) and a port (0: a free one). asyncio's `local_addr`.
    datagram_options& local(std::string host, std::uint16_t port) {
        local_.emplace(std::move(host), port);
        return *this;
    }
    /// The same without a look-up. A Unix path's stale socket file is replaced; the file stays when the socket is closed.
    datagram_options& local(address exact) {
        local_.emplace(std::move(exact));
        return *this;
    }
    /// Whom to send to and to receive from, nobody else. asyncio's `remote_addr`.
    datagram_options& remote(std::string host, std::uint16_t port) {
        remote_.emplace(std::move(host), port);
        return *this;
    }
    datagram_options& remote(address exact) {
        remote_.emplace(std::move(exact));
        return *this;
    }
    /// Only addresses of this family; without any address: a socket of this family that is bound when it first sends.
    datagram_options& family(address_family only) noexcept {
        family_ = only;
        return *this;
    }
    /// May send to a broadcast address. asyncio's `allow_broadcast`.
    datagram_options& broadcast(bool on = true) noexcept {
        broadcast_ = on;
        return *this;
    }
    /// Sockets that ask for this may share the port: the system spreads the senders over them.
    datagram_options& reuse_port(bool on = true) noexcept {
        reuse_port_ = on;
        return *this;
    }
    /// Others of the same user may bind the port, too: what several receivers of one multicast group need. Anything else is safer without it.
    datagram_options& reuse_address(bool on = true) noexcept {
        reuse_address_ = on;
        return *this;
    }
    /// Whether an IPv6 socket bound to `::` leaves IPv4 alone (default: what the system says).
    datagram_options& ipv6_only(bool on = true) noexcept {
        ipv6_only_ = on;
        return *this;
    }
    /// The system's buffers, in bytes.
    datagram_options& receive_buffer(int bytes) noexcept {
        receive_buffer_ = bytes;
        return *this;
    }
    datagram_options& send_buffer(int bytes) noexcept {
        send_buffer_ = bytes;
        return *this;
    }
    /// How many routers multicast datagrams may pass (default: 0, that is, 1: the local network only).
    datagram_options& multicast_hops(int hops) noexcept {
        multicast_hops_ = hops;
        return *this;
    }
    /// Whether multicast datagrams come back to receivers on this host (default: yes).
    datagram_options& multicast_loopback(bool on) noexcept {
        multicast_loopback_ = on;
        return *this;
    }
    /// The interface by which multicast datagrams leave, by name.
    datagram_options& multicast_interface(std::string name) {
        multicast_interface_ = std::move(name);
        return *this;
    }

    [[nodiscard]] const std::optional<endpoint_choice>& chosen_local() const noexcept { return local_; }
    [[nodiscard]] const std::optional<endpoint_choice>& chosen_remote() const noexcept { return remote_; }
    [[nodiscard]] address_family chosen_family() const noexcept { return family_; }
    [[nodiscard]] bool is_broadcast() const noexcept { return broadcast_; }
    [[nodiscard]] bool is_reuse_port() const noexcept { return reuse_port_; }
    [[nodiscard]] bool is_reuse_address() const noexcept { return reuse_address_; }
    [[nodiscard]] const std::optional<bool>& chosen_ipv6_only() const noexcept { return ipv6_only_; }
    [[nodiscard]] int chosen_receive_buffer() const noexcept { return receive_buffer_; }
    [[nodiscard]] int chosen_send_buffer() const noexcept { return send_buffer_; }
    [[nodiscard]] int chosen_multicast_hops() const noexcept { return multicast_hops_; }
    [[nodiscard]] bool is_multicast_loopback() const noexcept { return multicast_loopback_; }
    [[nodiscard]] const std::string& chosen_multicast_interface() const noexcept { return multicast_interface_; }

private:
    std::optional<endpoint_choice> local_;
    std::optional<endpoint_choice> remote_;
    address_family family_ = address_family::none;
    bool broadcast_ = false;
    bool reuse_port_ = false;
    bool reuse_address_ = false;
    bool multicast_loopback_ = true;
    std::optional<bool> ipv6_only_;
    int receive_buffer_ = 0;
    int send_buffer_ = 0;
    int multicast_hops_ = 0;
    std::string multicast_interface_;
};

}  // namespace brio::inline v0
