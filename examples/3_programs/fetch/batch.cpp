// SPDX-License-Identifier: BSL-1.0
// Many URLs: one session, so many workers, one queue.
#include "batch.hpp"

#include "crawler.hpp"
#include "download.hpp"
#include "error_text.hpp"
#include "file_names.hpp"
#include "file_sink.hpp"
#include "job_list.hpp"

#include <brio/compose/gather.hpp>
#include <brio/core/task.hpp>
#include <brio/http/error.hpp>
#include <brio/http/session.hpp>
#include <brio/http/url.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace fetch {

namespace http = brio::http;
using namespace std::chrono_literals;

namespace {

http::session_options session_settings(const settings& chosen, const batch& work) {
    http::session_options options;
    options.limit(chosen.connections).read_timeout(30s).timeout(0s);
    options.user_agent("fetch (brio)");
    if (chosen.proxy.empty()) {
        options.proxy_from_environment();
    } else if (chosen.proxy != "none") {
        options.proxy(chosen.proxy);
    }
    if (work.cookies) options.cookies(*work.cookies);
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

// What was asked for by name is an error, a link is not.
void forbid(batch& work, result& row) {
    row.file.clear();
    row.what = row.depth == 0 ? result::state::failed : result::state::skipped;
    if (row.depth == 0) row.error = "the site's robots.txt forbids it, or cannot be read; without --recursive it is not asked";
    work.shown.finished(row.depth > 0);
    if (!row.error.empty()) work.shown.say("fetch: " + shown_url(row.url) + ": " + row.error);
}

// Takes one URL after the other until none is left.
brio::awaitable<> worker(download_context& all, batch& work, job_list& jobs, crawler* links, const sink_maker& make_sink) {
    while (const auto job = co_await jobs.next()) {
        result& row = work.rows[*job];
        if (links) {
            const bool allowed = co_await links->may_fetch(row);
            if (!allowed) {
                forbid(work, row);
                jobs.done();
                continue;
            }
        }
        const std::function<std::unique_ptr<sink>()> make_own = [&] { return make_sink(*job); };
        co_await download(all, row, make_own);
        work.shown.finished(row.what == result::state::fetched);
        if (!row.error.empty()) work.shown.say("fetch: " + shown_url(row.url) + ": " + row.error);
        if (links && row.what == result::state::fetched) links->fetched(row);
        row.page = std::string();
        jobs.done();
    }
}

} // namespace

void batch::add(std::string url, unsigned depth) {
    result& row = rows.emplace_back();
    if (name_file) row.file = name_file(url);
    row.url = std::move(url);
    row.depth = depth;
}

brio::awaitable<> fetch_all(const settings& chosen, batch& work, sink_maker make_sink) {
    const auto started = std::chrono::steady_clock::now();
    struct stop_watch {
        ~stop_watch() { took = std::chrono::steady_clock::now() - since; }
        std::chrono::steady_clock::time_point since;
        std::chrono::steady_clock::duration& took;
    } const watch{started, work.took};

    allow_descriptors(chosen.connections);
    http::session client(session_settings(chosen, work));
    download_context all(chosen, client, work.shown);
    const std::size_t count = chosen.recursive ? chosen.connections : std::min(chosen.connections, work.rows.size());
    job_list jobs(count);
    for (std::size_t i = 0; i < work.rows.size(); ++i) jobs.add(i);
    std::optional<crawler> links;
    if (chosen.recursive) links.emplace(chosen, client, work, jobs);

    work.shown.expect(work.rows.size());
    const auto display = brio::create_task(work.shown.show(), "progress");
    std::vector<brio::awaitable<>> workers;
    for (std::size_t i = 0; i < count; ++i) workers.push_back(worker(all, work, jobs, links ? &*links : nullptr, make_sink));
    // Ctrl-C cancels this gather, which cancels the workers and waits for them: then nothing refers to what
    // stands above any more. What they have finished is in work.rows.
    co_await brio::gather(std::move(workers));
    display.cancel();
    co_await client.close();
}

sink_maker files_in(const std::filesystem::path& folder, batch& work) {
    work.name_file = [folder, names = std::make_shared<file_names>()](const std::string& url) {
        try {
            return (folder / names->take(file_name_of(http::url(url)))).string();
        } catch (const http::invalid_url&) { // told when its turn comes
            return std::string();
        }
    };
    for (result& row : work.rows) row.file = work.name_file(row.url);
    return [&work](std::size_t job) { return std::make_unique<file_sink>(work.rows[job].file); };
}

} // namespace fetch
