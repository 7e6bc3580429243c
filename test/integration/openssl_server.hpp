// SPDX-License-Identifier: BSL-1.0
// A real TLS server for tests: `openssl s_server`.
#pragma once

#include "certificates.hpp"
#include "server_program.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace brio_test {

/// Runs from construction to destruction on 127.0.0.1. Answers each request, on a connection of its own, with a page about
/// that connection: `New, TLSv1.3, Cipher is ...` or `Reused, ...`.
class openssl_server {
public:
    /// With that certificate and further arguments of s_server.
    openssl_server(const certificates& of, const std::filesystem::path& certificate, std::vector<std::string> more = {});

    [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(port_) + "/"; }

private:
    child_process process_;
    std::uint16_t port_;
};

} // namespace brio_test
