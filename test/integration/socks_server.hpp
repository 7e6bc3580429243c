// SPDX-License-Identifier: BSL-1.0
// A real SOCKS5 server for tests: microsocks.
#pragma once

#include "server_program.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace brio_test {

/// Runs from construction to destruction on 127.0.0.1.
class socks_server {
public:
    enum class access { open, password };
    /// With `password` it serves only the user ada, whose password is "open sesame".
    explicit socks_server(access who = access::open);

    /// `scheme`: socks5 or socks5h; `user`: "NAME:PASSWORD@", in the encoding of URLs.
    [[nodiscard]] std::string url(const std::string& scheme, const std::string& user = {}) const {
        return scheme + "://" + user + "127.0.0.1:" + std::to_string(port_);
    }
    /// A line for each connection: `client[N] 127.0.0.1: connected to localhost:80`.
    [[nodiscard]] std::string log() const { return process_->errors(); }

private:
    std::uint16_t port_ = 0;
    std::unique_ptr<child_process> process_;
};

} // namespace brio_test
