// SPDX-License-Identifier: BSL-1.0
// A real web server for tests: the http module of Node.js, with the script node_server.js.
#pragma once

#include "server_program.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace brio_test {

/// Runs from construction to destruction on 127.0.0.1; what it serves stands at the top of node_server.js.
class node {
public:
    /// `keep_alive`: how long it keeps idle connections.
    explicit node(std::chrono::milliseconds keep_alive = std::chrono::seconds(5));

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// What it has printed: `connection N has ended` for each that it has closed for its part.
    [[nodiscard]] std::string output() const { return process_.output(); }

private:
    child_process process_;
    std::uint16_t port_;
};

} // namespace brio_test
