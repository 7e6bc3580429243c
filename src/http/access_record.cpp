// SPDX-License-Identifier: BSL-1.0
// Lines of an access log.
#include <brio/http/access_record.hpp>

#include "http/chars.hpp"

#include <brio/core/log.hpp>

#include <cstdio>

namespace brio::inline v0::http {

namespace {

constexpr std::size_t longest_text = 2048;

// Between quotes: neither a quote nor a line break of the client's gets through.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : detail::printable(text, longest_text)) {
        if (c == '"') out += "\\x22";
        else out += c;
    }
    return out += '"';
}

std::string or_dash(std::string_view text) { return text.empty() ? "\"-\"" : quoted(text); }

}  // namespace

std::string to_string(const access_record& record) {
    std::string line = record.peer.is_ip() ? record.peer.host() : "-";
    std::string request = "-";
    if (!record.method.empty()) {
        request.assign(record.method).append(" ").append(record.target).append(record.version == 10 ? " HTTP/1.0" : " HTTP/1.1");
    }
    char time[32];
    std::snprintf(time, sizeof time, "%.1f ms", std::chrono::duration<double, std::milli>(record.duration).count());
    line.append(" ").append(quoted(request)).append(" ").append(std::to_string(record.status)).append(" ");
    line.append(std::to_string(record.bytes_out)).append(" ").append(or_dash(record.referer)).append(" ");
    line.append(or_dash(record.user_agent)).append(" ").append(time);
    if (!record.complete) line += " (cut off)";
    return line;
}

void log_access(const access_record& record) { log(log_level::info, to_string(record)); }

}  // namespace brio::inline v0::http
