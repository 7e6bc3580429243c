// SPDX-License-Identifier: BSL-1.0
// Making and binding sockets.
#include "io/socket_setup.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace brio::inline v0::detail {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::system_category(), what); }

template <class Call>
address address_by(Call call, int socket) {
    sockaddr_storage room{};
    socklen_t size = sizeof room;
    if (call(socket, reinterpret_cast<sockaddr*>(&room), &size) != 0) return {};
    return address::from_native(reinterpret_cast<const sockaddr*>(&room), size);
}

}  // namespace

int native_family(address_family family) {
    switch (family) {
        case address_family::ipv4: return AF_INET;
        case address_family::ipv6: return AF_INET6;
        case address_family::unix_socket: return AF_UNIX;
        case address_family::none:
        case address_family::other: break;
    }
    throw std::invalid_argument("a socket is for IPv4, IPv6 or a Unix path");
}

unique_descriptor open_socket(address_family family, int type) {
    unique_descriptor made(::socket(native_family(family), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made) fail("cannot make a socket");
    return made;
}

void set_option(const unique_descriptor& socket, int level, int name, int value, const char* what) {
    if (::setsockopt(socket.get(), level, name, &value, sizeof value) != 0) fail(std::string("cannot set ") + what + " on a socket");
}

void bind_socket(const unique_descriptor& socket, const address& where, const char* what) {
    if (::bind(socket.get(), where.data(), static_cast<socklen_t>(where.size())) != 0) {
        fail(std::string("cannot bind ") + what + " to " + where.to_string());
    }
}

address local_address_of(int socket) { return address_by(&::getsockname, socket); }
address peer_address_of(int socket) { return address_by(&::getpeername, socket); }

int type_of_socket(int socket) noexcept {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 ? type : -1;
}

void remove_stale_socket(const address& where) {
    const std::string path = where.path();
    if (path.empty() || path.front() == '\0') return;
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove the stale socket " + path);
}

void make_non_blocking(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
        fail("cannot make descriptor " + std::to_string(descriptor) + " non-blocking");
    }
}

// That it has ended, the socket tells by being writable; how, by SO_ERROR.
std::optional<int> connect_outcome(int socket) noexcept {
    pollfd now{socket, POLLOUT, 0};
    if (::poll(&now, 1, 0) <= 0) return std::nullopt;
    if (now.revents == POLLOUT) return 0;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace brio::inline v0::detail
