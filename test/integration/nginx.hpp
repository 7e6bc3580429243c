// SPDX-License-Identifier: BSL-1.0
// A real web server for tests: nginx with a configuration, a port and a folder of its own.
#pragma once

#include "certificates.hpp"
#include "server_program.hpp"
#include "temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace brio_test {

/// Runs from construction to destruction, as a single process, on 127.0.0.1 and, where there is one, ::1. Serves the files of `www()`, and
///   /slow/...      the same files, 200 KiB a second and connection
///   /gzip/...      the same files, compressed on the way
///   /hop/N         redirects to /hop/N-1, /hop/0 is a text
///   /loop          redirects to itself
///   /to-tls        redirects to the first TLS server
///   /status/N      an answer with that status (404, 500, 503 with Retry-After: 1)
///   /basic/...     the same files for the user ada with the password "open sesame"
///   /store/...     takes files of at most 8 MiB by PUT, into `www()`
///   /three/...     the same files, three requests on each connection
///   /echo          the value of the request's header X-Echo
/// TLS servers serve the same, one on a port of its own for each certificate.
class nginx {
public:
    nginx();
    /// With TLS servers of these certificates.
    explicit nginx(const certificates& of);

    [[nodiscard]] std::filesystem::path www() const { return folder_ / "www"; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(plain_); }
    [[nodiscard]] std::string tls_url() const { return tls_url(good_); }
    [[nodiscard]] std::string expired_url() const { return tls_url(expired_); }
    [[nodiscard]] std::string wrong_host_url() const { return tls_url(wrong_host_); }
    [[nodiscard]] std::string foreign_url() const { return tls_url(foreign_); }

    /// Ends it at once; its connections break.
    void kill();

private:
    static std::string tls_url(std::uint16_t port) { return "https://localhost:" + std::to_string(port); }
    void start(const certificates* of);
    [[nodiscard]] std::string configuration(const certificates* of) const;

    temp_folder folder_;
    std::uint16_t plain_ = 0;
    std::uint16_t good_ = 0;
    std::uint16_t expired_ = 0;
    std::uint16_t wrong_host_ = 0;
    std::uint16_t foreign_ = 0;
    std::unique_ptr<child_process> process_;
};

} // namespace brio_test
