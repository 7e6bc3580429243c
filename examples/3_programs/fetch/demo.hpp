// SPDX-License-Identifier: BSL-1.0
// fetch without a URL: a server in the same process, and whether all of its pages arrive as they should.
#pragma once

#include "batch.hpp"
#include "command_line.hpp"

#include <brio/core/awaitable.hpp>

namespace fetch {

/// Serves 1000 pages on this computer, fetches them into `work` and compares every byte.
brio::awaitable<> fetch_demo(const settings& chosen, batch& work);

} // namespace fetch
