// SPDX-License-Identifier: BSL-1.0
// A server that misbehaves.
#include "stub_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace brio_test {

stub_server::stub_server(std::string says, bool closes) : says_(std::move(says)), closes_(closes) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread(&stub_server::serve, this);
}

stub_server::~stub_server() {
    ::shutdown(listener_, SHUT_RDWR); // wakes accept
    thread_.join();
    ::close(listener_);
}

void stub_server::serve() {
    for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        char bytes[4096];
        if (::recv(client, bytes, sizeof bytes, 0) > 0) {
            ::send(client, says_.data(), says_.size(), MSG_NOSIGNAL);
            while (!closes_ && ::recv(client, bytes, sizeof bytes, 0) > 0) {}
        }
        ::close(client);
    }
}

} // namespace brio_test
