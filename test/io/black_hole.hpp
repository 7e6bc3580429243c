// SPDX-License-Identifier: BSL-1.0
// black_hole: a listener whose queue is full: whoever connects to it gets no answer, until it opens or closes.
#pragma once

#include <brio/io/address.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace io_test {

class black_hole {
public:
    explicit black_hole(const std::string& ip = "127.0.0.1") : where_(ip, 0), listening_(make_socket()) {
        if (::bind(listening_.get(), where_.data(), size()) != 0 || ::listen(listening_.get(), 0) != 0) {
            throw std::system_error(errno, std::system_category(), "a listener for nobody");
        }
        sockaddr_storage bound{};
        socklen_t length = sizeof bound;
        ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&bound), &length);
        where_ = brio::address::from_native(reinterpret_cast<const sockaddr*>(&bound), length);
        for (int i = 0; i < 8; ++i) {
            fill_.push_back(make_socket());
            if (::connect(fill_.back().get(), where_.data(), size()) == 0) continue;
        }
    }
    /// Takes those who have come so far. The others ask again after a second.
    void take_all() {
        for (int fd = 0; (fd = ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) taken_.emplace_back(fd);
    }
    void close() { listening_.reset(); }
    [[nodiscard]] std::uint16_t port() const { return where_.port(); }
    [[nodiscard]] const brio::address& where() const noexcept { return where_; }

private:
    [[nodiscard]] socklen_t size() const { return static_cast<socklen_t>(where_.size()); }
    [[nodiscard]] brio::unique_descriptor make_socket() const {
        return brio::unique_descriptor(::socket(where_.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    }

    brio::address where_;
    brio::unique_descriptor listening_;
    std::vector<brio::unique_descriptor> fill_;
    std::vector<brio::unique_descriptor> taken_;
};

}  // namespace io_test
