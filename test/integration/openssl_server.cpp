// SPDX-License-Identifier: BSL-1.0
// A real TLS server for tests.
#include "openssl_server.hpp"

namespace brio_test {

namespace {

std::vector<std::string> command_line(const certificates& of, const std::filesystem::path& certificate, std::vector<std::string> more) {
    std::vector<std::string> line{program_path("openssl", "openssl"), "s_server", "-accept", "127.0.0.1:0", "-www",
                                  "-cert", certificate, "-key", of.key()};
    line.insert(line.end(), more.begin(), more.end());
    return line;
}

} // namespace

openssl_server::openssl_server(const certificates& of, const std::filesystem::path& certificate, std::vector<std::string> more)
    : process_(command_line(of, certificate, std::move(more))), port_(announced_port(process_, "ACCEPT 127.0.0.1:")) {}

} // namespace brio_test
