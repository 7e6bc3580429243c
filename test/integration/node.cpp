// SPDX-License-Identifier: BSL-1.0
// A real web server for tests.
#include "node.hpp"

namespace brio_test {

node::node(std::chrono::milliseconds keep_alive)
    : process_({program_path("node", "nodejs"), BRIO_TEST_SCRIPTS "/node_server.js", std::to_string(keep_alive.count())}),
      port_(announced_port(process_, "listening on ")) {}

} // namespace brio_test
