// SPDX-License-Identifier: BSL-1.0
// A real web server for tests.
#include "python_server.hpp"

namespace brio_test {

python_server::python_server(const std::string& protocol)
    : process_({program_path("python3", "python3"), "-I", "-u", "-m", "http.server", "--protocol", protocol, "--bind", "127.0.0.1",
                "--directory", folder_.path().string(), "0"}),
      port_(announced_port(process_, " port ")) {}

} // namespace brio_test
