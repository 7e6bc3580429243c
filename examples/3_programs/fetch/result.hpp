// SPDX-License-Identifier: BSL-1.0
// What became of one URL.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace fetch {

struct result {
    enum class state { pending, fetched, failed, skipped };

    std::string url; // as given
    state what = state::pending;
    unsigned status = 0; // of the last answer; 0: there was none
    unsigned attempts = 0;
    std::uint64_t bytes = 0;                       // of the body, decoded
    std::chrono::steady_clock::duration latency{}; // of the last attempt, body included
    std::string file;                              // where the body is
    std::string error;                             // one line
    unsigned depth = 0;                            // links from a URL that was given
    std::string page;                              // the body, as long as links are looked for in it
    std::string location;                          // where a redirect points that --recursive does not just follow
};

} // namespace fetch
