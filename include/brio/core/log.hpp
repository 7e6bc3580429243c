// SPDX-License-Identifier: BSL-1.0
// Where brio's own messages go: one replaceable function.
#pragma once

#include <brio/core/config.hpp>

#include <functional>
#include <string_view>

namespace brio::inline v0 {

enum class log_level { debug, info, warning, error };

using log_sink = std::function<void(log_level, std::string_view)>;

/// Sends brio's messages (failures that nobody fetched, slow steps, ...) to `sink` from now on; an empty function
/// restores the default, an spdlog logger of our own on standard error that touches no global registry. Returns the
/// sink that was in force. Thread-safe; the sink may be called from any thread, one call at a time. What a sink logs
/// itself goes to the default. asyncio's `logging.getLogger("asyncio")`.
BRIO_API log_sink set_log_sink(log_sink sink);

/// Writes one message to the sink in force. Never throws; what the sink throws is dropped.
BRIO_API void log(log_level level, std::string_view message) noexcept;

}  // namespace brio::inline v0
