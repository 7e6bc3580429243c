// SPDX-License-Identifier: BSL-1.0
// A real proxy for tests: squid with a configuration, a port and a folder of its own.
#pragma once

#include "certificates.hpp"
#include "server_program.hpp"
#include "temp_folder.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace brio_test {

/// Runs from construction to destruction, as a single process, on 127.0.0.1. It forwards requests and opens tunnels to
/// any port but 1, keeps nothing, and knows 127.0.0.1 also as `site.test`, which nobody else does.
class squid {
public:
    enum class access { open, password };
    /// With `password` it serves only the user ada, whose password is "open sesame".
    explicit squid(access who = access::open);
    /// The same, and with the good certificate of these on a second port, the connections to which are encrypted.
    explicit squid(const certificates& of, access who = access::open);
    squid(const squid&) = delete;
    squid& operator=(const squid&) = delete;
    ~squid();

    /// `user`: "NAME:PASSWORD@", in the encoding of URLs.
    [[nodiscard]] std::string url(const std::string& user = {}) const { return "http://" + user + "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string tls_url(const std::string& user = {}) const { return "https://" + user + "127.0.0.1:" + std::to_string(secure_); }
    /// What it has done, a line for each request: `CONNECT localhost:443 200`.
    [[nodiscard]] std::string log() const;

private:
    void start(access who, const certificates* of);
    [[nodiscard]] std::string configuration(access who) const;
    [[nodiscard]] std::string service() const { return "briotest" + std::to_string(port_); }

    temp_folder folder_;
    std::uint16_t port_ = 0;
    std::uint16_t secure_ = 0; // 0: there is none
    std::unique_ptr<child_process> process_;
};

} // namespace brio_test
