// SPDX-License-Identifier: BSL-1.0
// Plain system calls in a forked process, so that nothing of what is tested takes part, and the test's own descriptors are its own.
#include "fault_proxy.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace brio_test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

void no_delay(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool send_all(int to, const char* data, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::send(to, data, size, MSG_NOSIGNAL);
        if (n <= 0) return false;
        data += n;
        size -= static_cast<std::size_t>(n);
    }
    return true;
}

bool pass(int to, const char* data, std::size_t size, const fault& plan) {
    if (plan.what == fault::kind::delay) ::usleep(static_cast<useconds_t>(plan.by.count() * 1000));
    if (plan.what != fault::kind::dribble) return send_all(to, data, size);
    for (std::size_t i = 0; i < size; ++i) {
        if (!send_all(to, data + i, 1)) return false;
    }
    return true;
}

void reset(int client) {
    const linger now{1, 0};
    ::setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(client);
}

// Until the peer has gone: what it still sends is dropped.
void outlast(int peer) {
    std::array<char, 4096> dropped{};
    while (::recv(peer, dropped.data(), dropped.size(), 0) > 0) {}
}

// One connection, in a process of its own. The order in which bytes pass is that of their arrival.
[[noreturn]] void carry(int client, std::uint16_t target, const fault& plan) {
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(target);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(1);
    no_delay(server);
    no_delay(client);
    const bool breaks = plan.what > fault::kind::dribble;
    std::size_t passed = 0;
    bool asked = false;  // unread bytes would turn an orderly end into a reset
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    std::array<char, 65536> bytes{};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (breaks && asked && passed >= plan.at) break;
        ::poll(ends.data(), ends.size(), -1);
        if (ends[0].revents != 0) {
            const ssize_t n = ::recv(client, bytes.data(), bytes.size(), 0);
            if (n < 0) ::_exit(0);
            asked = true;
            if (n == 0) {
                ::shutdown(server, SHUT_WR);
                ends[0].fd = -1;
            } else if (!pass(server, bytes.data(), static_cast<std::size_t>(n), plan)) {
                ends[0].fd = -1;
            }
        }
        if (breaks && asked && passed >= plan.at) break;
        if (ends[1].revents != 0) {
            const ssize_t n = ::recv(server, bytes.data(), bytes.size(), 0);
            if (n < 0) {
                reset(client);
                ::_exit(0);
            }
            if (n == 0) {
                ::shutdown(client, SHUT_WR);
                ends[1].fd = -1;
                continue;
            }
            std::size_t some = static_cast<std::size_t>(n);
            if (breaks && passed + some > plan.at) some = plan.at - passed;
            if (!pass(client, bytes.data(), some, plan)) ::_exit(0);
            passed += some;
        }
    }
    switch (plan.what) {
        case fault::kind::reset: reset(client); break;
        case fault::kind::half_close:
            ::shutdown(client, SHUT_WR);
            [[fallthrough]];
        case fault::kind::stall: outlast(client); break;
        default: break;  // the end of the process closes both
    }
    ::_exit(0);
}

[[noreturn]] void serve(int listener, std::uint16_t target, const fault& plan) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGCHLD, SIG_IGN);
    for (;;) {
        const int client = ::accept(listener, nullptr, nullptr);
        if (client < 0) ::_exit(1);
        if (::fork() == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::close(listener);
            carry(client, target, plan);
        }
        ::close(client);
    }
}

}  // namespace

fault_proxy::fault_proxy(std::uint16_t target, const fault& plan) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener, 64) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("fault_proxy: cannot listen");
    }
    port_ = ntohs(address.sin_port);
    process_ = ::fork();
    if (process_ == 0) serve(listener, target, plan);
    ::close(listener);
    if (process_ < 0) throw std::runtime_error("fault_proxy: cannot fork");
}

fault_proxy::~fault_proxy() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace brio_test
