// SPDX-License-Identifier: BSL-1.0
// Seven fields, separated by tabs: domain, for those below it, path, secure, end, name, value.
#include "cookie_file.hpp"

#include "chars.hpp"
#include "set_cookie.hpp"

#include <array>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::string_view http_only_mark = "#HttpOnly_";
constexpr std::size_t longest_line = 16 * 1024;

const char* flag(bool on) noexcept { return on ? "TRUE" : "FALSE"; }

std::optional<bool> read_flag(std::string_view text) noexcept {
    if (iequals(text, "TRUE")) return true;
    if (iequals(text, "FALSE")) return false;
    return std::nullopt;
}

} // namespace

std::string write_cookie_file(const std::vector<const cookie*>& cookies) {
    std::string out = "# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n";
    for (const cookie* c : cookies) {
        if (c->http_only) out += http_only_mark;
        if (!c->host_only) out += '.';
        out.append(c->domain).append("\t").append(flag(!c->host_only)).append("\t").append(c->path).append("\t");
        out.append(flag(c->secure)).append("\t");
        out += std::to_string(c->expires ? c->expires->time_since_epoch().count() : 0);
        out.append("\t").append(c->name).append("\t").append(c->value).append("\n");
    }
    return out;
}

std::optional<cookie> read_cookie_line(std::string_view line) {
    if (line.size() > longest_line) return std::nullopt;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool http_only = line.starts_with(http_only_mark);
    if (http_only) line.remove_prefix(http_only_mark.size());
    if (line.empty() || line.front() == '#') return std::nullopt;

    std::array<std::string_view, 7> field;
    for (std::size_t i = 0; i < field.size(); ++i) {
        // A value may hold tabs; one that is empty may lack its field.
        const std::size_t end = i == 6 ? line.npos : line.find('\t');
        field[i] = line.substr(0, end);
        if (end == line.npos && i < 5) return std::nullopt;
        line = end == line.npos ? std::string_view() : line.substr(end + 1);
    }
    const auto below = read_flag(field[1]);
    const auto secure = read_flag(field[3]);
    const auto end = parse_decimal(field[4]);
    std::string_view domain = field[0];
    if (domain.starts_with('.')) domain.remove_prefix(1);
    if (!below || !secure || !end || *end > INT64_MAX || domain.empty()) return std::nullopt;

    cookie c{std::string(field[5]), std::string(field[6])};
    c.domain = lowered(domain);
    c.path = field[2].starts_with('/') ? field[2] : "/";
    c.host_only = !*below;
    c.secure = *secure;
    c.http_only = http_only;
    if (*end != 0) c.expires = date_point(std::chrono::seconds(*end));
    return c;
}

} // namespace brio::inline v0::http::detail
