// SPDX-License-Identifier: BSL-1.0
// A real web server for tests: Apache httpd with a configuration, two ports and a folder of its own.
#pragma once

#include "server_program.hpp"
#include "temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace brio_test {

/// Runs from construction to destruction, as a single process, on 127.0.0.1. Serves the files of `www()`, and
///   /gzip/...     the same files, compressed on the way
///   /basic/...    the same for the user ada with the password "open sesame"
///   /digest/...   the same by the challenge Digest, with nonces that are good for a second
///   /old/...      301 to the file itself; /again/... the same with 307
///   /away/...     302 to the file on the other server
///   /store/...    takes files by PUT, into `store()`; /private/... the same for ada only
///   /echo         the body of the request
/// The other server serves the same, three requests on each connection; its answers tell in X-Authorization what the
/// request had as Authorization.
class apache {
public:
    apache();

    [[nodiscard]] std::filesystem::path www() const { return folder_ / "www"; }
    [[nodiscard]] std::filesystem::path store() const { return folder_ / "store"; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(plain_); }
    [[nodiscard]] std::string other_url() const { return "http://127.0.0.1:" + std::to_string(other_); }

private:
    [[nodiscard]] std::string configuration() const;

    temp_folder folder_;
    std::uint16_t plain_ = 0;
    std::uint16_t other_ = 0;
    std::unique_ptr<child_process> process_;
};

} // namespace brio_test
