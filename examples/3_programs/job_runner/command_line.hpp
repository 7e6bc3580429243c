// SPDX-License-Identifier: BSL-1.0
// The command line of job_runner.
#pragma once

#include "runner.hpp"

#include <variant>

namespace jobs {

/// The settings, or the exit code when there is nothing (more) to do: --help, a mistake.
std::variant<settings, int> parse_command_line(int argc, char** argv);

}  // namespace jobs
