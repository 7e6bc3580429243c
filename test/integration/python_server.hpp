// SPDX-License-Identifier: BSL-1.0
// A real web server for tests: Python's http.server.
#pragma once

#include "server_program.hpp"
#include "temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace brio_test {

/// Runs from construction to destruction on 127.0.0.1 and serves the files of `www()`.
class python_server {
public:
    /// `protocol`: HTTP/1.0, where each connection serves one request, or HTTP/1.1.
    explicit python_server(const std::string& protocol);

    [[nodiscard]] std::filesystem::path www() const { return folder_.path(); }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    temp_folder folder_;
    child_process process_;
    std::uint16_t port_;
};

} // namespace brio_test
