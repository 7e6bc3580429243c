// SPDX-License-Identifier: BSL-1.0
// The rules on who may set which cookie (RFC 6265bis section 5.7) and what a request carries.
#include <brio/http/cookie_jar.hpp>

#include "http/chars.hpp"
#include "http/cookie_file.hpp"
#include "http/cookie_store.hpp"
#include "http/file_text.hpp"
#include "http/host.hpp"
#include "http/public_suffix.hpp"
#include "http/set_cookie.hpp"

#include <brio/http/error.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace brio::inline v0::http {

namespace {

constexpr std::size_t most_of_answer = 50;
constexpr std::size_t most_sent = 150;
constexpr std::size_t longest_header = 8190;
constexpr std::size_t largest_file = 16 * 1024 * 1024;

// For whom a cookie of `from` is that asks for `wanted`; nullopt: for nobody.
bool give_domain(cookie& to, const url& from, std::string_view wanted) {
    to.domain = from.host();
    to.host_only = true;
    if (wanted.empty()) return true;
    std::string domain = detail::lowered(wanted);
    if (!detail::domain_matches(from.host(), from.host_is_address(), domain)) return false;
    // An address, or a site that is itself a public suffix, may have cookies for itself alone.
    if (from.host_is_address()) return true;
    if (detail::is_public_suffix(domain)) return domain == from.host();
    to.domain = std::move(domain);
    to.host_only = false;
    return true;
}

std::optional<cookie> cookie_from(const url& from, const detail::set_cookie& parsed) {
    cookie c{std::string(parsed.name), std::string(parsed.value)};
    if (!give_domain(c, from, parsed.domain)) return std::nullopt;
    const bool path_given = parsed.path.has_value();
    c.path = detail::default_cookie_path(from.path());
    if (path_given && parsed.path->starts_with('/') && parsed.path->find('\t') == parsed.path->npos) c.path = *parsed.path;
    c.expires = parsed.expires;
    c.secure = parsed.secure;
    c.http_only = parsed.http_only;
    c.same_site = parsed.same_site;
    if (c.secure && !from.secure()) return std::nullopt;
    if (!detail::prefix_is_honest(c, path_given)) return std::nullopt;
    return c;
}

// The domain in canonical form, if it is one.
bool canonical_domain(cookie& c) {
    try {
        std::string host;
        const auto kind = detail::append_host(host, c.domain.find(':') == c.domain.npos ? c.domain : "[" + c.domain + "]");
        c.domain = kind == detail::host_kind::ipv6 ? host.substr(1, host.size() - 2) : std::move(host);
        return c.host_only || (kind == detail::host_kind::name && !detail::is_public_suffix(c.domain));
    } catch (const invalid_url&) {
        return false;
    }
}

} // namespace

struct cookie_jar::state {
    detail::cookie_store cookies;
};

cookie_jar::cookie_jar() : state_(std::make_shared<state>()) {}
cookie_jar::cookie_jar(const cookie_jar&) noexcept = default;
// A moved-from handle stays usable: it is a copy.
cookie_jar::cookie_jar(cookie_jar&& other) noexcept : state_(other.state_) {}
cookie_jar& cookie_jar::operator=(const cookie_jar&) noexcept = default;
cookie_jar& cookie_jar::operator=(cookie_jar&& other) noexcept {
    state_ = other.state_;
    return *this;
}
cookie_jar::~cookie_jar() = default;

cookie_jar::time_point cookie_jar::current() noexcept {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void cookie_jar::store(const url& from, const headers& answer, time_point now) {
    const std::size_t count = answer.count("Set-Cookie");
    std::size_t place = 0;
    if (count == 0) return;
    for (const header_field field : answer) {
        if (!detail::iequals(field.name, "Set-Cookie")) continue;
        if (++place + most_of_answer > count) store(from, field.value, now); // of too many, the last ones
    }
}

bool cookie_jar::store(const url& from, std::string_view set_cookie, time_point now) {
    const auto parsed = detail::parse_set_cookie(set_cookie, now);
    if (!parsed) return false;
    auto made = cookie_from(from, *parsed);
    if (!made) return false;
    if (!made->secure && !from.secure() && state_->cookies.would_shadow_secure(*made)) return false;
    state_->cookies.insert(std::move(*made), now);
    return true;
}

bool cookie_jar::set(cookie value, time_point now) {
    if (!detail::is_cookie_name(value.name) || !detail::is_cookie_value(value.value)) return false;
    if (value.name.empty() && value.value.empty()) return false;
    if (value.name.size() + value.value.size() > detail::longest_cookie) return false;
    if (!value.path.starts_with('/') || !detail::is_cookie_value(value.path) || value.path.find('\t') != value.path.npos) return false;
    if (!canonical_domain(value) || !detail::prefix_is_honest(value, true)) return false;
    if (value.expires) value.expires = std::min(*value.expires, now + detail::longest_cookie_life);
    state_->cookies.insert(std::move(value), now);
    return true;
}

namespace {

std::size_t size_in_header(const cookie& c) noexcept { return c.name.size() + 1 + c.value.size() + 2; }

// Of those that match, the most recently stored ones that fit.
std::vector<detail::cookie_store::entry*> fitting(detail::cookie_store& cookies, const url& to, cookie_jar::time_point now) {
    auto found = cookies.matching(to, now);
    std::size_t bytes = 0;
    for (const auto* e : found) bytes += size_in_header(e->value);
    if (found.size() <= most_sent && bytes <= longest_header) return found;
    auto newest = found;
    std::sort(newest.begin(), newest.end(), [](const auto* a, const auto* b) { return a->stored > b->stored; });
    bytes = 0;
    std::size_t taken = 0;
    while (taken < std::min(newest.size(), most_sent)) {
        bytes += size_in_header(newest[taken]->value);
        if (bytes > longest_header) break;
        ++taken;
    }
    const std::uint64_t limit = taken < newest.size() ? newest[taken]->stored : 0;
    std::erase_if(found, [&](const auto* e) { return e->stored <= limit; });
    return found;
}

} // namespace

std::string cookie_jar::header_for(const url& to, time_point now) {
    std::string text;
    if (empty()) return text;
    for (auto* e : fitting(state_->cookies, to, now)) {
        state_->cookies.touch(*e);
        if (!text.empty()) text += "; ";
        if (!e->value.name.empty()) text.append(e->value.name).append("=");
        text += e->value.value;
    }
    return text;
}

std::vector<cookie> cookie_jar::cookies_for(const url& to, time_point now) const {
    std::vector<cookie> cookies;
    for (const auto* e : fitting(state_->cookies, to, now)) cookies.push_back(e->value);
    return cookies;
}

std::vector<cookie> cookie_jar::all(time_point now) const {
    std::vector<cookie> cookies;
    for (const cookie* c : state_->cookies.all(now)) cookies.push_back(*c);
    return cookies;
}

std::size_t cookie_jar::size() const noexcept { return state_->cookies.size(); }
void cookie_jar::clear() noexcept { state_->cookies.clear(); }
std::size_t cookie_jar::clear(std::string_view domain) noexcept { return state_->cookies.erase_domain(domain); }

std::string cookie_jar::to_netscape(time_point now) const { return detail::write_cookie_file(state_->cookies.all(now)); }

std::size_t cookie_jar::add_netscape(std::string_view text, time_point now) {
    std::size_t taken = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (auto c = detail::read_cookie_line(text.substr(0, end)); c && set(std::move(*c), now)) ++taken;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return taken;
}

void cookie_jar::save(const std::string& path, time_point now) const {
    detail::replace_file(path, to_netscape(now), "cookie file");
}

std::size_t cookie_jar::load(const std::string& path, time_point now) {
    return add_netscape(detail::read_file(path, largest_file, "cookie file"), now);
}

} // namespace brio::inline v0::http
