// SPDX-License-Identifier: BSL-1.0
// What the functions of sockets.hpp and the members of datagram give to be awaited.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/address.hpp>
#include <brio/io/unique_descriptor.hpp>
#include <brio/io/poll_operation.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace brio::inline v0 {

/// A datagram and who sent it.
class BRIO_API packet {
public:
    packet() noexcept = default;
    packet(std::string bytes, address sender, bool cut) noexcept
        : data(std::move(bytes)), from(std::move(sender)), truncated(cut) {}

    std::string data;
    address from;
    bool truncated = false;  ///< It was longer; the rest is lost.
};

/// What arrived in the caller's memory, and from whom.
class BRIO_API received {
public:
    received() noexcept = default;
    received(std::size_t bytes, address sender, bool cut) noexcept : size(bytes), from(std::move(sender)), truncated(cut) {}

    std::size_t size = 0;  ///< Bytes that were stored.
    address from;
    bool truncated = false;  ///< The datagram was longer; the rest is lost.
};

/// A connection that was accepted; it is closed unless someone takes its descriptor.
class BRIO_API accepted {
public:
    accepted() noexcept = default;
    accepted(unique_descriptor made, address who) noexcept : socket(std::move(made)), peer(std::move(who)) {}

    unique_descriptor socket;
    address peer;
};

namespace detail {

class BRIO_API [[nodiscard("nothing is received unless this is awaited")]] sock_recv_operation final : public poll_operation {
public:
    using value_type = std::string;
    sock_recv_operation(int socket, std::size_t most, const source_location& where) noexcept
        : poll_operation(socket, readiness::read, where), most_(most) {}
    sock_recv_operation(sock_recv_operation&&) noexcept = default;

    bool ready();
    std::string resume();
    [[nodiscard]] const char* describe() const noexcept override { return "sock_recv"; }

private:
    bool attempt() noexcept override;

    std::size_t most_;
    std::string data_;
};

class BRIO_API [[nodiscard("nothing is received unless this is awaited")]] sock_recv_into_operation final : public poll_operation {
public:
    using value_type = std::size_t;
    sock_recv_into_operation(int socket, void* room, std::size_t size, const source_location& where) noexcept
        : poll_operation(socket, readiness::read, where), room_(room), size_(size) {}
    sock_recv_into_operation(sock_recv_into_operation&&) noexcept = default;

    bool ready();
    std::size_t resume() const;
    [[nodiscard]] const char* describe() const noexcept override { return "sock_recv_into"; }

private:
    bool attempt() noexcept override;

    void* room_;
    std::size_t size_;
};

/// Of a socket, or of a datagram object.
class BRIO_API [[nodiscard("nothing is received unless this is awaited")]] receive_operation final : public poll_operation {
public:
    using value_type = packet;
    receive_operation(int socket, std::size_t most, const source_location& where) noexcept
        : poll_operation(socket, readiness::read, where), most_(most), name_("sock_recvfrom") {}
    /// `is_udp`: no datagram is longer than 64 KiB.
    receive_operation(std::shared_ptr<const owned_descriptor> owner, bool is_udp, std::size_t most,
                      const source_location& where) noexcept
        : poll_operation(std::move(owner), readiness::read, where), most_(most), is_udp_(is_udp), name_("datagram.receive()") {}
    receive_operation(receive_operation&&) noexcept = default;

    bool ready();
    packet resume();
    [[nodiscard]] const char* describe() const noexcept override { return name_; }

private:
    bool attempt() noexcept override;

    std::size_t most_;
    bool is_udp_ = false;
    const char* name_;
    packet packet_;
};

class BRIO_API [[nodiscard("nothing is received unless this is awaited")]] receive_into_operation final : public poll_operation {
public:
    using value_type = received;
    receive_into_operation(int socket, void* room, std::size_t size, const source_location& where) noexcept
        : poll_operation(socket, readiness::read, where), room_(room), size_(size), name_("sock_recvfrom_into") {}
    receive_into_operation(std::shared_ptr<const owned_descriptor> owner, void* room, std::size_t size,
                           const source_location& where) noexcept
        : poll_operation(std::move(owner), readiness::read, where), room_(room), size_(size), name_("datagram.receive_into()") {}
    receive_into_operation(receive_into_operation&&) noexcept = default;

    bool ready();
    received resume();
    [[nodiscard]] const char* describe() const noexcept override { return name_; }

private:
    bool attempt() noexcept override;

    void* room_;
    std::size_t size_;
    const char* name_;
    received received_;
};

class BRIO_API [[nodiscard("nothing is sent unless this is awaited")]] sock_sendall_operation final : public poll_operation {
public:
    using value_type = void;
    sock_sendall_operation(int socket, std::string data, const source_location& where) noexcept
        : poll_operation(socket, readiness::write, where), owned_(std::move(data)) {}
    sock_sendall_operation(int socket, const void* data, std::size_t size, const source_location& where) noexcept
        : poll_operation(socket, readiness::write, where), borrowed_(static_cast<const char*>(data), size) {}
    sock_sendall_operation(sock_sendall_operation&&) noexcept = default;

    bool ready();
    void resume() const { check(); }
    [[nodiscard]] const char* describe() const noexcept override { return "sock_sendall"; }

private:
    bool attempt() noexcept override;

    std::string owned_;
    std::string_view borrowed_;
    std::size_t sent_ = 0;
};

/// Of a socket, or of a datagram object. No address: to the peer that the socket is connected to.
class BRIO_API [[nodiscard("nothing is sent unless this is awaited")]] send_operation final : public poll_operation {
public:
    using value_type = std::size_t;
    send_operation(int socket, std::string data, address to, const source_location& where) noexcept
        : poll_operation(socket, readiness::write, where), data_(std::move(data)), to_(std::move(to)), name_("sock_sendto") {}
    send_operation(std::shared_ptr<const owned_descriptor> owner, std::string data, address to,
                   const source_location& where) noexcept
        : poll_operation(std::move(owner), readiness::write, where),
          data_(std::move(data)),
          to_(std::move(to)),
          name_("datagram.send()") {}
    send_operation(send_operation&&) noexcept = default;

    bool ready();
    std::size_t resume() const;
    [[nodiscard]] const char* describe() const noexcept override { return name_; }

private:
    bool attempt() noexcept override;

    std::string data_;
    address to_;
    const char* name_;
};

class BRIO_API [[nodiscard("nothing is accepted unless this is awaited")]] sock_accept_operation final : public poll_operation {
public:
    using value_type = accepted;
    sock_accept_operation(int socket, const source_location& where) noexcept : poll_operation(socket, readiness::read, where) {}
    sock_accept_operation(std::shared_ptr<const owned_descriptor> owner, const source_location& where) noexcept
        : poll_operation(std::move(owner), readiness::read, where) {}
    sock_accept_operation(sock_accept_operation&&) noexcept = default;

    bool ready();
    accepted resume();
    [[nodiscard]] const char* describe() const noexcept override { return "sock_accept"; }

private:
    bool attempt() noexcept override;

    accepted accepted_;
};

class BRIO_API [[nodiscard("nothing is connected unless this is awaited")]] sock_connect_operation final : public poll_operation {
public:
    using value_type = void;
    sock_connect_operation(int socket, address to, const source_location& where) noexcept
        : poll_operation(socket, readiness::write, where), to_(std::move(to)) {}
    sock_connect_operation(sock_connect_operation&&) noexcept = default;

    bool ready();
    void resume() const;
    [[nodiscard]] const char* describe() const noexcept override { return "sock_connect"; }

private:
    bool attempt() noexcept override;

    address to_;
    bool under_way_ = false;
};

}  // namespace detail

}  // namespace brio::inline v0
