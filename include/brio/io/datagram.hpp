// SPDX-License-Identifier: BSL-1.0
// datagram: a UDP or Unix datagram socket.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/io/address.hpp>
#include <brio/io/datagram_options.hpp>
#include <brio/io/unique_descriptor.hpp>
#include <brio/io/socket_operations.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace brio::inline v0 {

/// Sends and receives datagrams; asyncio's `DatagramTransport` without the callbacks. Movable; destroying it closes the
/// socket. Any number of tasks may send and receive at the same time: each datagram goes to one receiver.
///
/// A call that need not wait does not suspend. **Cancellation** loses no datagram: what a cancelled receive would have taken
/// is for the next one. Calls on a closed socket, and those that wait when it is closed, throw invalid_state_error;
/// errors of the system are std::system_error and leave the socket usable. On a connected socket `ECONNREFUSED` tells that
/// nobody listened at the other end for something sent *before*; asyncio's `error_received`.
class BRIO_API datagram {
public:
    /// Closed; assign what `open_datagram` gives.
    datagram() noexcept = default;
    /// Takes over a bound or connected socket and makes it non-blocking. Throws std::invalid_argument when it is not one
    /// of datagrams; it stays the caller's then.
    explicit datagram(unique_descriptor&& socket);
    datagram(const datagram&) = delete;
    datagram(datagram&& other) noexcept = default;
    datagram& operator=(const datagram&) = delete;
    datagram& operator=(datagram&& other) noexcept;
    ~datagram();

    /// Sends one datagram, an empty one too, and gives its size. Waits while the system's buffer is full. Throws
    /// std::invalid_argument when the socket is connected to another address. asyncio's `transport.sendto`.
    detail::send_operation send_to(std::string data, address to, const source_location& where = source_location::current()) const;
    /// The same to the peer of a connected socket; throws invalid_state_error when it is not connected.
    detail::send_operation send(std::string data, const source_location& where = source_location::current()) const;

    /// The next datagram, however long, or cut to `most` bytes (`packet::truncated` tells).
    detail::receive_operation receive(std::size_t most = std::string::npos,
                                      const source_location& where = source_location::current()) const;
    /// The same into `room`, which must stay until it completes.
    detail::receive_into_operation receive_into(void* room, std::size_t size,
                                                const source_location& where = source_location::current()) const;

    /// Receives what is sent to `group` from now on, on the interface of that name (empty: the system's choice). Bind to the
    /// group's port first. Throws std::invalid_argument for an address that is no multicast group, std::system_error.
    void join(const address& group, const std::string& interface = {}) const;
    void leave(const address& group, const std::string& interface = {}) const;

    /// Where it is bound; no address when it is closed.
    [[nodiscard]] address local_address() const;
    /// What it is connected to; no address when it is not.
    [[nodiscard]] const address& peer_address() const noexcept { return peer_; }
    [[nodiscard]] bool is_open() const noexcept { return owner_ && owner_->native >= 0; }
    /// -1 when it is closed.
    [[nodiscard]] int native_handle() const noexcept { return owner_ ? owner_->native : -1; }

    /// Closes at once; those who wait are woken. Again: no effect. What was sent is on its way.
    void close() noexcept;

private:
    void require_open(const char* what) const;

    std::shared_ptr<detail::owned_descriptor> owner_;
    address peer_;
    bool is_udp_ = false;
};

/// Opens a socket as `options` say, looking names up. Every pair of a local and a remote address of one family is tried; the first
/// error is given when none works.
///
/// Throws std::invalid_argument when there is neither an address nor a family, or no pair of one family, resolve_error,
/// and std::system_error that names the address. **Cancellation** leaves no socket open. asyncio's
/// `loop.create_datagram_endpoint`.
BRIO_API awaitable<datagram> open_datagram(datagram_options options);

}  // namespace brio::inline v0
