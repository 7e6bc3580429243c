// SPDX-License-Identifier: BSL-1.0
// Awaitable calls on plain sockets: descriptors that the caller owns, those of Asio's sockets too (`native_handle()`).
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
#include <brio/io/address.hpp>
#include <brio/io/socket_operations.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace brio::inline v0 {

// What holds for all of them: the socket stays the caller's and must not be closed before they complete. Any number of
// tasks may use one socket; who is first is not defined. A call that need not wait does not suspend. **Cancellation**
// while waiting leaves the socket as it is: nothing was received, nothing is lost; what `sock_sendall` has sent by then
// is not known. Errors of the system are std::system_error. A negative number is std::invalid_argument, and so is a
// blocking socket: always for sock_connect, sock_accept and sock_sendfile, which would hold the loop up, in debug mode for
// the others, too.

/// Receives what is there, at most `most` bytes; empty at the end of the stream. asyncio's `loop.sock_recv`.
inline detail::sock_recv_operation sock_recv(int socket, std::size_t most,
                                             const source_location& where = source_location::current()) noexcept {
    return {socket, most, where};
}

/// The same into `room`, which must stay until it completes; 0 at the end. asyncio's `loop.sock_recv_into`.
inline detail::sock_recv_into_operation sock_recv_into(int socket, void* room, std::size_t size,
                                                       const source_location& where = source_location::current()) noexcept {
    return {socket, room, size, where};
}

/// Receives one datagram of at most `most` bytes (without a number: however long it is) and its sender.
/// asyncio's `loop.sock_recvfrom`.
inline detail::receive_operation sock_recvfrom(int socket, std::size_t most = std::string::npos,
                                               const source_location& where = source_location::current()) noexcept {
    return {socket, most, where};
}

/// The same into `room`, which must stay until it completes. asyncio's `loop.sock_recvfrom_into`; there is no number of
/// bytes apart from the room's size that could exceed it.
inline detail::receive_into_operation sock_recvfrom_into(int socket, void* room, std::size_t size,
                                                         const source_location& where = source_location::current()) noexcept {
    return {socket, room, size, where};
}

/// Sends all of `data`. asyncio's `loop.sock_sendall`.
inline detail::sock_sendall_operation sock_sendall(int socket, std::string data,
                                                   const source_location& where = source_location::current()) noexcept {
    return {socket, std::move(data), where};
}
/// The same without a copy: the bytes must stay until it completes.
inline detail::sock_sendall_operation sock_sendall(int socket, const void* data, std::size_t size,
                                                   const source_location& where = source_location::current()) noexcept {
    return {socket, data, size, where};
}

/// Sends `data` as one datagram and gives its size. asyncio's `loop.sock_sendto`.
inline detail::send_operation sock_sendto(int socket, std::string data, address to,
                                          const source_location& where = source_location::current()) noexcept {
    return {socket, std::move(data), std::move(to), where};
}

/// Accepts a connection from a listening socket; the new one is close-on-exec and non-blocking. asyncio's `loop.sock_accept`.
inline detail::sock_accept_operation sock_accept(int socket,
                                                 const source_location& where = source_location::current()) noexcept {
    return {socket, where};
}

/// Connects `socket`. A connect that was cancelled goes on in the system: calling this again waits for it.
/// asyncio's `loop.sock_connect`.
inline detail::sock_connect_operation sock_connect(int socket, address to,
                                                   const source_location& where = source_location::current()) noexcept {
    return {socket, std::move(to), where};
}
/// The same, looking up `host` for the socket's family first and trying its addresses in turn until one is not refused.
BRIO_API awaitable<> sock_connect(int socket, std::string host, std::uint16_t port);

/// What of a file is sent, and how; every setter gives the object back.
class BRIO_API sendfile_options {
public:
    sendfile_options() noexcept {}
    /// Where in the file to begin (default: 0).
    sendfile_options& offset(std::uint64_t bytes) noexcept {
        offset_ = bytes;
        return *this;
    }
    /// How much to send at most (default: to the end).
    sendfile_options& count(std::uint64_t bytes) noexcept {
        count_ = bytes;
        return *this;
    }
    /// Whether the bytes are read and sent when the system cannot send this file to this socket (default: yes).
    sendfile_options& fallback(bool on) noexcept {
        fallback_ = on;
        return *this;
    }

    [[nodiscard]] std::uint64_t chosen_offset() const noexcept { return offset_; }
    [[nodiscard]] std::uint64_t chosen_count() const noexcept { return count_; }
    [[nodiscard]] bool chosen_fallback() const noexcept { return fallback_; }

private:
    std::uint64_t offset_ = 0;
    std::uint64_t count_ = UINT64_MAX;
    bool fallback_ = true;
};

/// The system cannot send this file to this socket, and copying was forbidden; asyncio's `SendfileNotAvailableError`.
class BRIO_API sendfile_not_available_error : public error {
public:
    using error::error;
    ~sendfile_not_available_error() override;
};

/// Sends an open file by the system's `sendfile` and gives the number of bytes. Large files are sent in parts, between
/// which the loop goes on; reading from a slow disk happens in the loop's thread, but for the fallback, which reads in a thread of
/// the loop's pool. When it ends, by a cancel or an error too, the file's position tells how far it got (unless nothing was
/// sent). Errors: std::system_error; sendfile_not_available_error. asyncio's `loop.sock_sendfile`.
BRIO_API awaitable<std::uint64_t> sock_sendfile(int socket, int file, sendfile_options options = sendfile_options());

}  // namespace brio::inline v0
