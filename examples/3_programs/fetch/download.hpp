// SPDX-License-Identifier: BSL-1.0
// One URL: request, body, second attempts.
#pragma once

#include "command_line.hpp"
#include "progress.hpp"
#include "rate_limit.hpp"
#include "result.hpp"
#include "sink.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/session.hpp>

#include <functional>
#include <memory>

namespace fetch {

/// What all downloads share; lives longer than they do.
struct download_context {
    download_context(const settings& s, brio::http::session& c, progress& p)
        : chosen(s), client(c), shown(p), limit(s.rate) {}

    const settings& chosen;
    brio::http::session& client;
    progress& shown;
    rate_limit limit;
};

/// Fetches `row.url` into a sink of `make_sink`, again if that may help, and writes down in `row` what
/// happened: nothing but cancellation is thrown. `row` and `make_sink` must outlive it.
brio::awaitable<> download(download_context& all, result& row,
                           const std::function<std::unique_ptr<sink>()>& make_sink);

} // namespace fetch
