// SPDX-License-Identifier: BSL-1.0
// A server that misbehaves: it says one thing and then nothing more.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace brio_test {

/// Accepts connections one after the other on a thread. It answers the first bytes of each with `says` and
/// then, if `closes`, ends the connection; otherwise it keeps it open, in silence, until the client goes.
class stub_server {
public:
    explicit stub_server(const std::string& says = {}, bool closes = false);
    stub_server(const stub_server&) = delete;
    stub_server& operator=(const stub_server&) = delete;
    ~stub_server();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(const std::string& scheme = "http") const {
        return scheme + "://127.0.0.1:" + std::to_string(port_) + "/";
    }

private:
    pid_t process_ = -1;
    std::uint16_t port_ = 0;
};

} // namespace brio_test
