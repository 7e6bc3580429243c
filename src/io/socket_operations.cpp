// SPDX-License-Identifier: BSL-1.0
// The system calls of plain sockets.
#include <brio/io/socket_operations.hpp>

#include "io/socket_setup.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace brio::inline v0::detail {

namespace {

constexpr std::size_t scratch_size = 65536;  // the longest UDP datagram fits

// Where bytes arrive before it is known how many they are; null when there is no memory.
char* scratch() noexcept {
    thread_local const std::unique_ptr<char[]> room(new (std::nothrow) char[scratch_size]);
    return room.get();
}

// Calls `receive(room, size)` with room for `most` bytes and keeps what it stored in `data`.
template <class Receive>
std::ptrdiff_t receive_bytes(std::string& data, std::size_t most, Receive receive) noexcept {
    try {
        if (most <= scratch_size) {
            char* const room = scratch();
            if (!room) throw std::bad_alloc();
            const std::ptrdiff_t n = receive(room, most);
            if (n > 0) data.assign(room, std::min(static_cast<std::size_t>(n), most));
            return n;
        }
        data.resize(most);
        const std::ptrdiff_t n = receive(data.data(), most);
        data.resize(n < 0 ? 0 : std::min(static_cast<std::size_t>(n), most));
        return n;
    } catch (const std::bad_alloc&) {
        errno = ENOMEM;
    } catch (const std::length_error&) {
        errno = EINVAL;
    }
    return -1;
}

// Gives the length of the whole datagram, which may be more than was stored.
std::ptrdiff_t receive_from(int socket, void* room, std::size_t size, address& from, bool& truncated) noexcept {
    sockaddr_storage peer{};
    iovec part{room, size};
    msghdr message{};
    message.msg_name = &peer;
    message.msg_namelen = sizeof peer;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const std::ptrdiff_t n = ::recvmsg(socket, &message, MSG_DONTWAIT);
    if (n < 0) return n;
    truncated = (message.msg_flags & MSG_TRUNC) != 0;
    from = address::from_native(reinterpret_cast<const sockaddr*>(&peer), message.msg_namelen);
    return n;
}

}  // namespace

bool sock_recv_operation::ready() {
    require_non_blocking();
    return begin();
}

bool sock_recv_operation::attempt() noexcept {
    return finish(receive_bytes(data_, most_, [this](void* room, std::size_t size) {
        return ::recv(native(), room, size, MSG_DONTWAIT);
    }));
}

std::string sock_recv_operation::resume() {
    check();
    return std::move(data_);
}

bool sock_recv_into_operation::ready() {
    require_non_blocking();
    return begin();
}

bool sock_recv_into_operation::attempt() noexcept { return finish(::recv(native(), room_, size_, MSG_DONTWAIT)); }

std::size_t sock_recv_into_operation::resume() const {
    check();
    return bytes();
}

bool receive_operation::ready() {
    require_non_blocking();
    return begin();
}

bool receive_operation::attempt() noexcept {
    std::size_t most = most_;
    if (most == std::string::npos) most = scratch_size;
    if (most_ == std::string::npos && !is_udp_) {  // how long is it?
        const std::ptrdiff_t n = ::recv(native(), nullptr, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
        if (n < 0) return finish(n);  // the call takes an error off the socket: it is this one's
        most = std::max(most, static_cast<std::size_t>(n));
    }
    return finish(receive_bytes(packet_.data, most, [this](void* room, std::size_t size) {
        return receive_from(native(), room, size, packet_.from, packet_.truncated);
    }));
}

packet receive_operation::resume() {
    check();
    return std::move(packet_);
}

bool receive_into_operation::ready() {
    require_non_blocking();
    return begin();
}

bool receive_into_operation::attempt() noexcept {
    return finish(receive_from(native(), room_, size_, received_.from, received_.truncated));
}

received receive_into_operation::resume() {
    check();
    received_.size = bytes();
    return std::move(received_);
}

bool sock_sendall_operation::ready() {
    require_non_blocking();
    return begin();
}

bool sock_sendall_operation::attempt() noexcept {
    const std::string_view all = borrowed_.data() ? borrowed_ : std::string_view(owned_);
    while (sent_ < all.size()) {
        if (!finish(::send(native(), all.data() + sent_, all.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL))) return false;
        if (error() != 0) return true;
        sent_ += bytes();
    }
    return true;
}

bool send_operation::ready() {
    require_non_blocking();
    return begin();
}

bool send_operation::attempt() noexcept {
    return finish(::sendto(native(), data_.data(), data_.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to_.data(),
                           static_cast<socklen_t>(to_.size())));
}

std::size_t send_operation::resume() const {
    if (error() != 0 && !to_.empty()) {
        throw std::system_error(error(), std::system_category(), std::string(name_) + " to " + to_.to_string());
    }
    check();
    return bytes();
}

bool sock_accept_operation::ready() {
    require_non_blocking(true);
    return begin();
}

bool sock_accept_operation::attempt() noexcept {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int made = ::accept4(native(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (made < 0) return finish(-1);
    accepted_.socket.reset(made);
    accepted_.peer = address::from_native(reinterpret_cast<const sockaddr*>(&peer), size);
    return finish(0);
}

accepted sock_accept_operation::resume() {
    check();
    return std::move(accepted_);
}

bool sock_connect_operation::ready() {
    require_non_blocking(true);
    return begin();
}

bool sock_connect_operation::attempt() noexcept {
    if (!std::exchange(under_way_, true)) {
        const auto size = static_cast<socklen_t>(to_.size());
        int status = ::connect(native(), to_.data(), size);
        // What remains of an earlier attempt that failed: the system says it once, then the socket is as new.
        if (status != 0 && errno == ECONNABORTED) status = ::connect(native(), to_.data(), size);
        if (status == 0) return finish(0);
        if (errno == EAGAIN) return fail(EAGAIN);  // a Unix server whose backlog is full: nothing is under way
        if (errno != EINPROGRESS && errno != EALREADY && errno != EINTR) return fail(errno);
    }
    const std::optional<int> error = connect_outcome(native());
    if (!error) return false;
    return *error == 0 ? finish(0) : fail(*error);
}

void sock_connect_operation::resume() const {
    if (error() != 0) {
        throw std::system_error(error(), std::system_category(),
                                "sock_connect of descriptor " + std::to_string(native()) + " to " + to_.to_string());
    }
}

}  // namespace brio::inline v0::detail
