// SPDX-License-Identifier: BSL-1.0
// Many URLs: one session, so many workers, one queue.
#include "batch.hpp"

#include "download.hpp"
#include "error_text.hpp"
#include "file_names.hpp"
#include "file_sink.hpp"

#include <brio/compose/gather.hpp>
#include <brio/core/task.hpp>
#include <brio/http/error.hpp>
#include <brio/http/session.hpp>
#include <brio/http/url.hpp>
#include <brio/sync/queue.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <memory>

namespace fetch {

namespace http = brio::http;
using namespace std::chrono_literals;

namespace {

http::session_options session_settings(const settings& chosen) {
    http::session_options options;
    options.limit(chosen.connections).read_timeout(30s).timeout(0s);
    options.user_agent("fetch (brio)");
    if (!chosen.ca_file.empty()) options.ca_file(chosen.ca_file);
    for (const auto& [name, value] : chosen.headers) options.header(name, value);
    return options;
}

// Each connection and each file in work takes a descriptor.
void allow_descriptors(std::size_t connections) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(std::max<rlim_t>(limit.rlim_cur, 2 * connections + 64), limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Takes one URL after the other until none is left.
brio::awaitable<> worker(download_context& all, batch& work, brio::queue<std::size_t>& jobs,
                         const sink_maker& make_sink) {
    while (const auto job = jobs.try_get()) {
        result& row = work.rows[*job];
        const std::function<std::unique_ptr<sink>()> make_own = [&] { return make_sink(*job); };
        co_await download(all, row, make_own);
        work.shown.finished(row.what == result::state::fetched);
        if (!row.error.empty()) work.shown.say("fetch: " + shown_url(row.url) + ": " + row.error);
    }
}

} // namespace

brio::awaitable<> fetch_all(const settings& chosen, batch& work, sink_maker make_sink) {
    const auto started = std::chrono::steady_clock::now();
    struct stop_watch {
        ~stop_watch() { took = std::chrono::steady_clock::now() - since; }
        std::chrono::steady_clock::time_point since;
        std::chrono::steady_clock::duration& took;
    } const watch{started, work.took};

    allow_descriptors(chosen.connections);
    http::session client(session_settings(chosen));
    download_context all(chosen, client, work.shown);
    brio::queue<std::size_t> jobs;
    for (std::size_t i = 0; i < work.rows.size(); ++i) jobs.put_nowait(i);

    work.shown.expect(work.rows.size());
    const auto display = brio::create_task(work.shown.show(), "progress");
    std::vector<brio::awaitable<>> workers;
    for (std::size_t i = 0; i < std::min(chosen.connections, work.rows.size()); ++i) {
        workers.push_back(worker(all, work, jobs, make_sink));
    }
    // Ctrl-C cancels this gather, which cancels the workers and waits for them: then nothing refers to what
    // stands above any more. What they have finished is in work.rows.
    co_await brio::gather(std::move(workers));
    display.cancel();
    co_await client.close();
}

sink_maker files_in(const std::filesystem::path& folder, batch& work) {
    auto names = std::make_shared<file_names>();
    for (result& row : work.rows) {
        try {
            row.file = (folder / names->take(file_name_of(http::url(row.url)))).string();
        } catch (const http::invalid_url&) { // told when its turn comes
        }
    }
    return [&work](std::size_t job) { return std::make_unique<file_sink>(work.rows[job].file); };
}

} // namespace fetch
