// SPDX-License-Identifier: BSL-1.0
// The command line, by CLI11.
#include "command_line.hpp"

#include <brio/core/version.hpp>

#include <CLI/CLI.hpp>

#include <cmath>

namespace fetch {

namespace {

constexpr const char* examples = R"(
URLs come from the command line, from FILE (one a line, # begins a comment) or, as '-', from standard input.
Without any URL, fetch starts a server of its own and fetches 1000 pages from it.

Files are named after the last part of the path; names met twice are numbered (page.html, page-2.html, ...).
A file appears under its name only when it is complete, and replaces an older one of that name.

Examples:
  fetch                                           see how fast it goes
  fetch https://example.com/                      is it there?
  fetch -o pages -i urls.txt                      everything in the list, into the folder 'pages'
  grep -o 'https://[^"]*' x.html | fetch -o img - what another program prints
  fetch -c 8 --rate 20 -o api -i urls.txt         politely: 8 at a time, 20 requests a second
  fetch -r --depth 3 -o site https://example.com/ a site, as far as three links lead
  fetch --resume -o . https://example.com/disk    a large file, in as many runs as it takes
  fetch --header 'Authorization: Bearer TOKEN' --json report.json -i urls.txt

Exit code: 0 everything fetched, 1 something failed, 2 wrong usage, 130 interrupted by Ctrl-C.
)";

std::string version() {
    return "fetch " + std::to_string(BRIO_VERSION_MAJOR) + "." + std::to_string(BRIO_VERSION_MINOR) + "." +
           std::to_string(BRIO_VERSION_PATCH) + " (an example program of brio, asyncio for C++20)";
}

// Without a text of its own in --help.
template <class T>
CLI::Validator range(T least, T most) {
    return CLI::Range(least, most).description("");
}

std::pair<std::string, std::string> split_header(const std::string& text) {
    const auto colon = text.find(':');
    if (colon == 0 || colon == text.npos) {
        throw CLI::ValidationError("--header", "'" + text + "' is not of the form 'Name: value'");
    }
    return {text.substr(0, colon), text.substr(colon + 1)};
}

} // namespace

std::variant<settings, int> parse_command_line(int argc, char** argv) {
    settings chosen;
    std::vector<std::string> headers;
    double timeout = 0;
    std::uint64_t max_size = 0;

    CLI::App app("Fetches many URLs at the same time.", "fetch");
    app.add_option("URL", chosen.urls, "What to fetch; '-' reads URLs from standard input")->type_name(" ");
    app.add_option("-i,--input", chosen.url_file, "Read URLs from FILE, one a line")->type_name("FILE");
    app.add_option("-o,--output", chosen.folder,
                   "Write the bodies into this folder (default: only count them)")
        ->type_name("DIR");
    app.add_option("-c,--concurrency", chosen.connections, "Requests at the same time")
        ->type_name("N")
        ->check(range(1, 10'000))
        ->capture_default_str();
    app.add_option("--retries", chosen.retries,
                   "Further attempts after a lost connection, a timeout, 408, 429, 500, 502, 503 or 504")
        ->type_name("N")
        ->check(range(0, 100))
        ->capture_default_str();
    auto* const timeout_option =
        app.add_option(
               "--timeout", timeout,
               "Limit for one request, body included (default: none, but 30 s of silence are too much)")
            ->type_name("SECONDS")
            ->check(range(0.001, 1e6));
    app.add_option("--rate", chosen.rate, "At most this many requests a second")
        ->type_name("N")
        ->check(range(0.001, 1e6));
    app.add_option("--header", headers, "Send this header with every request (repeatable)")
        ->type_name("'NAME: VALUE'")
        ->allow_extra_args(false);
    app.add_option("--cacert", chosen.ca_file,
                   "Trust the certificates in this PEM file instead of the system's")
        ->type_name("FILE");
    auto* const resume_option = app.add_flag("--resume", chosen.resume, "Keep what has come of a file that is cut off, and go on there the next time (with -o)");
    app.add_option("--proxy", chosen.proxy,
                   "Go through this proxy: http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST:PORT; 'none' for none\n"
                   "(default: http_proxy, https_proxy, all_proxy and no_proxy in the environment)")
        ->type_name("URL");
    app.add_option("--cookie-jar", chosen.cookie_file, "Read cookies from FILE, and write them there at the end")->type_name("FILE");
    auto* const recursive_option =
        app.add_flag("-r,--recursive", chosen.recursive, "Fetch what the pages link to as well, where robots.txt allows it");
    app.add_option("--depth", chosen.depth, "Links from a URL given to a page fetched, at most")
        ->type_name("N")
        ->check(range(0, 1000))
        ->needs(recursive_option)
        ->capture_default_str();
    app.add_option("--hosts", chosen.hosts, "Hosts to fetch from besides those of the URLs; .example.com for all of them there")
        ->type_name("HOST,...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->needs(recursive_option);
    resume_option->excludes(recursive_option);
    auto* const size_option =
        app.add_option("--max-size", max_size, "Refuse bodies that are larger; 500k, 20M, 4G")
            ->type_name("BYTES")
            ->transform(CLI::AsSizeValue(false).description(""));
    app.add_option("--json", chosen.json_file,
                   "Write a report with a line for every URL ('-': standard output)")
        ->type_name("FILE");
    app.add_flag("-q,--quiet", chosen.quiet, "Print errors only");
    app.set_version_flag("-V,--version", version());
    app.footer(examples);

    try {
        app.parse(argc, argv);
        for (const std::string& text : headers) chosen.headers.push_back(split_header(text));
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e); // --help, --version
        std::cerr << "fetch: " << e.what() << "\nfetch --help tells what it can do.\n";
        return 2;
    }
    if (chosen.resume && chosen.folder.empty()) {
        std::cerr << "fetch: --resume needs files to go on with: give a folder by -o\nfetch --help tells what it can do.\n";
        return 2;
    }
    if (*timeout_option) chosen.timeout = std::chrono::milliseconds(std::llround(timeout * 1000));
    if (*size_option) chosen.max_size = max_size;
    return chosen;
}

} // namespace fetch
