// SPDX-License-Identifier: BSL-1.0
// A server that misbehaves.
#include "stub_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace brio_test {

namespace {

// In the child: system calls only.
[[noreturn]] void serve(int listener, const std::string& says, bool closes) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) {
        const int client = ::accept(listener, nullptr, nullptr);
        if (client < 0) ::_exit(1);
        char bytes[4096];
        if (::recv(client, bytes, sizeof bytes, 0) > 0) {
            ::send(client, says.data(), says.size(), MSG_NOSIGNAL);
            while (!closes && ::recv(client, bytes, sizeof bytes, 0) > 0) {}
        }
        ::close(client);
    }
}

} // namespace

stub_server::stub_server(const std::string& says, bool closes) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener, 16) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    process_ = ::fork();
    if (process_ == 0) serve(listener, says, closes);
    ::close(listener);
    if (process_ < 0) throw std::runtime_error("cannot fork");
}

stub_server::~stub_server() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

} // namespace brio_test
