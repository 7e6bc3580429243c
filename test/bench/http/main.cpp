// SPDX-License-Identifier: BSL-1.0
// The HTTP client workloads, done with brio's session.
// usage: brio workload url method n conc expect_len keepalive mode ca   (mode: buffer, stream, gzip, distinct, lat)
// prints: workload contestant N seconds req_per_s MB_per_s peak_rss_kb cpu_user cpu_sys [p50_us p99_us]
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace http = brio::http;
using brio::awaitable;
using std::chrono::steady_clock;

struct arguments {
    std::string workload, url, method, mode, ca;
    std::uint64_t count = 1;
    std::uint64_t in_flight = 1;
    std::uint64_t expected = 0;
    bool keep_alive = true;
};

arguments args;
std::uint64_t next_request = 0;
std::uint64_t done = 0;
std::uint64_t bytes = 0;
std::vector<std::uint32_t> latencies;  // in units of 100 ns
std::vector<http::response> kept;

[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "FAILED: %s\n", what.c_str());
    std::exit(1);
}

std::string post_body() {
    std::string text = "{\"data\":\"";
    text.append(1024 - text.size() - 2, 'x');
    return text + "\"}";
}

awaitable<> fetch_whole(http::session& session, std::uint64_t index) {
    const bool distinct = args.mode == "distinct";
    std::string url = args.url;
    if (distinct) {
        char suffix[8];
        std::snprintf(suffix, sizeof suffix, "%04u", static_cast<unsigned>(index));
        url += suffix;
    }
    http::options options;
    if (args.method == "POST") options.body(post_body()).header("Content-Type", "application/json");
    const auto begin = steady_clock::now();
    http::response answer = co_await session.request(args.method, std::move(url), std::move(options));
    if (args.mode == "lat") latencies.push_back(static_cast<std::uint32_t>((steady_clock::now() - begin).count() / 100));
    if (answer.status() != 200) die("status " + std::to_string(answer.status()));
    const std::uint64_t expected = distinct ? 1024 * (1 + index % 32) : args.expected;
    if (answer.body().size() != expected) die("length " + std::to_string(answer.body().size()));
    bytes += expected;
    if (distinct) kept.push_back(std::move(answer));
}

awaitable<> fetch_stream(http::session& session) {
    http::streaming_response answer = co_await session.stream(args.method, args.url);
    if (answer.status() != 200) die("status " + std::to_string(answer.status()));
    std::uint64_t size = 0;
    while (const auto piece = co_await answer.next_chunk()) size += piece->size();
    if (size != args.expected) die("length " + std::to_string(size));
    bytes += size;
}

awaitable<> worker(http::session& session) {
    while (next_request < args.count) {
        const std::uint64_t index = next_request++;
        if (args.mode == "stream") {
            co_await fetch_stream(session);
        } else {
            co_await fetch_whole(session, index);
        }
        ++done;
    }
}

double cpu_seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; }

long peak_rss_kb() {
    long kb = 0;
    if (std::FILE* file = std::fopen("/proc/self/status", "r")) {
        char line[256];
        while (std::fgets(line, sizeof line, file)) {
            if (std::sscanf(line, "VmHWM: %ld", &kb) == 1) break;
        }
        std::fclose(file);
    }
    return kb;
}

void report(double seconds, const rusage& before, const rusage& after) {
    if (done != args.count) die("request count " + std::to_string(done));
    const char* const name = std::getenv("CONTESTANT");
    std::printf("%s %s %llu %.6f %.1f %.2f %ld %.4f %.4f", args.workload.c_str(), name ? name : "brio",
                static_cast<unsigned long long>(done), seconds, static_cast<double>(done) / seconds,
                static_cast<double>(bytes) / 1e6 / seconds, peak_rss_kb(),
                cpu_seconds(after.ru_utime) - cpu_seconds(before.ru_utime),
                cpu_seconds(after.ru_stime) - cpu_seconds(before.ru_stime));
    if (!latencies.empty()) {
        std::sort(latencies.begin(), latencies.end());
        std::printf(" %.1f %.1f", latencies[latencies.size() / 2] / 10.0, latencies[latencies.size() * 99 / 100] / 10.0);
    }
    std::printf("\n");
}

awaitable<> run_workload() {
    http::session_options defaults;
    defaults.limit(args.in_flight);
    if (!args.keep_alive) defaults.keep_alive(std::chrono::seconds(0));
    if (args.ca != "-") defaults.ca_file(args.ca);
    if (args.mode != "gzip") defaults.header("Accept-Encoding", "identity");
    http::session session(std::move(defaults));
    latencies.reserve(args.mode == "lat" ? args.count : 0);

    rusage before{};
    rusage after{};
    getrusage(RUSAGE_SELF, &before);
    const auto begin = steady_clock::now();
    std::vector<awaitable<>> workers;
    for (std::uint64_t i = 0; i < args.in_flight; ++i) workers.push_back(worker(session));
    co_await brio::gather(std::move(workers));
    const double seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
    getrusage(RUSAGE_SELF, &after);
    report(seconds, before, after);
    co_await session.close();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 10) {
        std::fprintf(stderr, "usage: %s workload url method n conc expect_len keepalive mode ca\n", argv[0]);
        return 2;
    }
    args.workload = argv[1];
    args.url = argv[2];
    args.method = argv[3];
    args.count = std::strtoull(argv[4], nullptr, 10);
    args.in_flight = std::strtoull(argv[5], nullptr, 10);
    args.expected = std::strtoull(argv[6], nullptr, 10);
    args.keep_alive = argv[7][0] == '1';
    args.mode = argv[8];
    args.ca = argv[9];
    try {
        brio::run(run_workload());
    } catch (const std::exception& e) {
        die(e.what());
    }
}
