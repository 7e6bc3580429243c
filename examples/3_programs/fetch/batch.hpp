// SPDX-License-Identifier: BSL-1.0
// Many URLs: one session, so many workers, one queue.
#pragma once

#include "command_line.hpp"
#include "progress.hpp"
#include "result.hpp"
#include "sink.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/cookie_jar.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace fetch {

/// What is to be fetched and what became of it, in the order of the URLs. Its owner reads it when the run is
/// over, also when that was cut short.
struct batch {
    explicit batch(bool quiet) : shown(quiet) {}

    /// Another row, with its file if there is to be one.
    void add(std::string url, unsigned depth);

    std::deque<result> rows; // they stay where they are when some are added
    std::function<std::string(const std::string& url)> name_file; // for --output
    std::optional<brio::http::cookie_jar> cookies;
    progress shown;
    std::chrono::steady_clock::duration took{};
};

/// Fetches every row of `work`. Failures of single URLs are written down there and told on standard error;
/// thrown is what concerns all of them (a CA file that cannot be read).
brio::awaitable<> fetch_all(const settings& chosen, batch& work, sink_maker make_sink);

/// The sinks for --output: a file for each row, its name written down there.
sink_maker files_in(const std::filesystem::path& folder, batch& work);

} // namespace fetch
