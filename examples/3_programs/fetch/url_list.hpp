// SPDX-License-Identifier: BSL-1.0
// Where the URLs come from.
#pragma once

#include "command_line.hpp"

#include <string>
#include <vector>

namespace fetch {

/// All URLs asked for, in order, as written. Throws usage_error for a file that cannot be read.
std::vector<std::string> read_urls(const settings& chosen);

} // namespace fetch
