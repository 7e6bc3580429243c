// SPDX-License-Identifier: BSL-1.0
// The command line of fetch: what can be set, and the parser.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace fetch {

/// The caller asked for something that cannot be done; the program ends with exit code 2.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct settings {
    std::vector<std::string> urls; // "-" stands for standard input
    std::string url_file;
    std::filesystem::path folder; // empty: bodies are counted and dropped
    std::size_t connections = 64;
    unsigned retries = 3;
    std::optional<std::chrono::milliseconds> timeout; // for one request, body included
    double rate = 0;                                  // requests per second; 0: as fast as it goes
    std::vector<std::pair<std::string, std::string>> headers;
    std::string ca_file;
    std::optional<std::uint64_t> max_size;
    std::string json_file; // "-" is standard output
    bool quiet = false;
    bool resume = false;
    std::string proxy; // empty: that of the environment
    std::string cookie_file;
    bool recursive = false;
    unsigned depth = 2;
    std::vector<std::string> hosts; // besides those of the URLs

    [[nodiscard]] bool is_demo() const { return urls.empty() && url_file.empty(); }
};

/// The settings, or the exit code when there is nothing (more) to do: --help, --version, a mistake.
std::variant<settings, int> parse_command_line(int argc, char** argv);

} // namespace fetch
