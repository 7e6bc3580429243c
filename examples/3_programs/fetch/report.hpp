// SPDX-License-Identifier: BSL-1.0
// The summary at the end, for people and for programs.
#pragma once

#include "batch.hpp"

#include <iosfwd>
#include <string>

namespace fetch {

/// Two lines: how many, how fast, and the latencies.
void print_summary(std::ostream& out, const batch& work, bool was_interrupted);

/// Writes the JSON report: a summary and an entry for each URL. `file` "-" is standard output. Throws
/// std::system_error when it cannot be written.
void write_json(const std::string& file, const batch& work, bool was_interrupted);

} // namespace fetch
