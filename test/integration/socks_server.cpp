// SPDX-License-Identifier: BSL-1.0
// A real SOCKS5 server for tests.
#include "socks_server.hpp"

#include <vector>

namespace brio_test {

socks_server::socks_server(access who) {
    const std::string program = program_path("microsocks", "microsocks");
    process_ = start_on_free_ports({&port_}, [&] {
        std::vector<std::string> line{program, "-i", "127.0.0.1", "-p", std::to_string(port_)};
        if (who == access::password) line.insert(line.end(), {"-u", "ada", "-P", "open sesame"});
        return line;
    });
}

} // namespace brio_test
