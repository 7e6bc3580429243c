// SPDX-License-Identifier: BSL-1.0
// The summary at the end, for people and for programs.
#include "report.hpp"

#include "error_text.hpp"
#include "numbers.hpp"
#include "part_file.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

namespace fetch {

namespace json = boost::json;
using duration = std::chrono::steady_clock::duration;

namespace {

struct totals {
    std::size_t fetched = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0; // by robots.txt
    std::uint64_t bytes = 0;
    std::vector<duration> latencies; // of what was fetched, sorted

    explicit totals(const batch& work) {
        for (const result& row : work.rows) {
            failed += row.what == result::state::failed;
            skipped += row.what == result::state::skipped;
            if (row.what != result::state::fetched) continue;
            ++fetched;
            bytes += row.bytes;
            latencies.push_back(row.latency);
        }
        std::sort(latencies.begin(), latencies.end());
    }

    // The smallest latency that is not exceeded by that share of the requests.
    [[nodiscard]] duration percentile(std::size_t percent) const {
        if (latencies.empty()) return {};
        return latencies[(latencies.size() * percent + 99) / 100 - 1];
    }
};

double seconds(duration time) { return std::chrono::duration<double>(time).count(); }
std::int64_t microseconds(duration time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

json::object entry(const result& row) {
    json::object made{{"url", shown_url(row.url)}, {"ok", row.what == result::state::fetched}};
    if (row.status != 0) made["status"] = row.status;
    if (row.what == result::state::skipped) made["skipped"] = true;
    if (!row.error.empty()) made["error"] = row.error;
    if (row.what == result::state::fetched && !row.file.empty()) made["file"] = row.file;
    made["bytes"] = row.bytes;
    made["microseconds"] = microseconds(row.latency);
    made["attempts"] = row.attempts;
    return made;
}

json::object document(const batch& work, bool was_interrupted) {
    const totals all(work);
    json::array entries;
    for (const result& row : work.rows) entries.push_back(entry(row));
    json::object latency{{"p50", microseconds(all.percentile(50))},
                         {"p90", microseconds(all.percentile(90))},
                         {"p99", microseconds(all.percentile(99))}};
    return {{"urls", work.rows.size()},
            {"fetched", all.fetched},
            {"failed", all.failed},
            {"interrupted", was_interrupted},
            {"bytes", all.bytes},
            {"microseconds", microseconds(work.took)},
            {"latency", std::move(latency)},
            {"results", std::move(entries)}};
}

} // namespace

void print_summary(std::ostream& out, const batch& work, bool was_interrupted) {
    const totals all(work);
    const double took = std::max(seconds(work.took), 1e-9);
    if (was_interrupted) out << "interrupted: ";
    out << "fetched " << all.fetched << " of " << work.rows.size() - all.skipped;
    if (all.failed > 0) out << ", " << all.failed << " failed";
    if (all.skipped > 0) out << ", " << all.skipped << " forbidden by robots.txt";
    out << "; " << show_bytes(all.bytes) << " in " << show_seconds(work.took);
    if (all.fetched > 0) {
        const double per_second = static_cast<double>(all.fetched) / took;
        const double bytes_per_second = static_cast<double>(all.bytes) / took;
        out << " (" << show_rate(per_second) << ", "
            << show_bytes(static_cast<std::uint64_t>(bytes_per_second)) << "/s)\n"
            << "latency: p50 " << show_milliseconds(all.percentile(50)) << ", p90 "
            << show_milliseconds(all.percentile(90)) << ", p99 " << show_milliseconds(all.percentile(99));
    }
    out << std::endl;
}

void write_json(const std::string& file, const batch& work, bool was_interrupted) {
    const std::string text = json::serialize(document(work, was_interrupted)) + "\n";
    if (file == "-") {
        std::cout << text << std::flush;
        return;
    }
    if (std::error_code none;
        std::filesystem::exists(file, none) && !std::filesystem::is_regular_file(file, none)) {
        std::ofstream(file) << text; // a pipe or a device is written to, not replaced
        return;
    }
    part_file target(file);
    target.append(text);
    target.commit();
}

} // namespace fetch
