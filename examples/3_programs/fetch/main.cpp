// SPDX-License-Identifier: BSL-1.0
// fetch: fetches many URLs at the same time. Run it with --help.
#include "batch.hpp"
#include "command_line.hpp"
#include "demo.hpp"
#include "report.hpp"
#include "url_list.hpp"

#include <brio/core/error.hpp>
#include <brio/core/run.hpp>

#include <filesystem>
#include <iostream>

namespace {

enum exit_code { all_fetched = 0, some_failed = 1, wrong_usage = 2, interrupted = 130 };

using fetch::batch;
using fetch::settings;

void prepare(const settings& chosen, batch& work) {
    for (std::string& url : fetch::read_urls(chosen)) work.add(std::move(url), 0);
    if (!chosen.cookie_file.empty()) {
        work.cookies.emplace();
        if (std::filesystem::exists(chosen.cookie_file)) work.cookies->load(chosen.cookie_file);
    }
    if (chosen.folder.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(chosen.folder, error);
    if (error) {
        throw fetch::usage_error("cannot create the folder '" + chosen.folder.string() +
                                 "': " + error.message());
    }
}

brio::awaitable<> start(const settings& chosen, batch& work) {
    if (chosen.is_demo()) return fetch::fetch_demo(chosen, work);
    fetch::sink_maker make_sink = [](std::size_t) { return std::make_unique<fetch::null_sink>(); };
    if (!chosen.folder.empty()) make_sink = fetch::files_in(chosen.folder, work);
    return fetch::fetch_all(chosen, work, std::move(make_sink));
}

// Gives true when Ctrl-C cut it short. All coroutines have ended then, and all files are whole.
bool run(const settings& chosen, batch& work) {
    try {
        brio::run(start(chosen, work));
        return false;
    } catch (const brio::interrupted&) {
        return true;
    }
}

void report(const settings& chosen, batch& work, bool was_interrupted) {
    work.shown.clear();
    // Standard output is the report's when that goes there.
    if (!chosen.quiet)
        fetch::print_summary(chosen.json_file == "-" ? std::cerr : std::cout, work, was_interrupted);
    if (!chosen.json_file.empty()) fetch::write_json(chosen.json_file, work, was_interrupted);
}

} // namespace

int main(int argc, char** argv) {
    const auto parsed = fetch::parse_command_line(argc, argv);
    if (const int* const code = std::get_if<int>(&parsed)) return *code;
    const settings& chosen = std::get<settings>(parsed);
    batch work(chosen.quiet);
    try {
        prepare(chosen, work);
        const bool was_interrupted = run(chosen, work);
        if (work.cookies) work.cookies->save(chosen.cookie_file);
        report(chosen, work, was_interrupted);
        if (was_interrupted) return interrupted;
    } catch (const std::exception& e) { // what concerns a single URL does not come here
        work.shown.say(std::string("fetch: ") + e.what());
        return wrong_usage;
    }
    for (const fetch::result& row : work.rows) {
        if (row.what != fetch::result::state::fetched && row.what != fetch::result::state::skipped) return some_failed;
    }
    return all_fetched;
}
