// SPDX-License-Identifier: BSL-1.0
// Matching and eviction of cookies.
#include "cookie_store.hpp"

#include "chars.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

bool has_ended(const cookie& c, date_point now) noexcept { return c.expires && *c.expires <= now; }

bool has_prefix(std::string_view text, std::string_view prefix) noexcept {
    return iequals(text.substr(0, prefix.size()), prefix);
}

bool same_place(const cookie& a, const cookie& b) noexcept {
    return a.name == b.name && a.path == b.path && a.host_only == b.host_only;
}

} // namespace

bool domain_matches(std::string_view host, bool host_is_address, std::string_view domain) noexcept {
    if (host == domain) return true;
    return !host_is_address && host.size() > domain.size() && host.ends_with(domain) &&
           host[host.size() - domain.size() - 1] == '.';
}

bool path_matches(std::string_view request, std::string_view cookie) noexcept {
    if (!request.starts_with(cookie)) return false;
    return request.size() == cookie.size() || cookie.ends_with('/') || request[cookie.size()] == '/';
}

std::string_view default_cookie_path(std::string_view request) noexcept {
    const std::size_t last = request.rfind('/');
    if (request.empty() || request.front() != '/' || last == 0) return "/";
    return request.substr(0, last);
}

bool prefix_is_honest(const cookie& c, bool path_given) noexcept {
    if (c.name.empty()) return !has_prefix(c.value, "__Secure-") && !has_prefix(c.value, "__Host-");
    if (has_prefix(c.name, "__Secure-")) return c.secure;
    if (has_prefix(c.name, "__Host-")) return c.secure && c.host_only && path_given && c.path == "/";
    return true;
}

void cookie_store::insert(cookie c, date_point now) {
    const auto place = domains_.try_emplace(c.domain).first;
    bucket& of = place->second;
    entry added{std::move(c), ++ticks_, ticks_, ticks_};
    const auto old = std::find_if(of.begin(), of.end(), [&](const entry& e) { return same_place(e.value, added.value); });
    if (old != of.end()) {
        added.created = old->created;
        of.erase(old);
        --size_;
    }
    if (has_ended(added.value, now)) {
        if (of.empty()) domains_.erase(place);
        return;
    }
    of.push_back(std::move(added));
    ++size_;
    if (of.size() > most_of_domain) make_room(of, now);
    if (size_ > most) make_room(now);
}

void cookie_store::remove_ended(bucket& of, date_point now) noexcept {
    size_ -= std::erase_if(of, [&](const entry& e) { return has_ended(e.value, now); });
}

// RFC 6265bis section 5.7: first what has ended, then what is not Secure, so that an attacker on the wire cannot
// push out a login.
void cookie_store::make_room(bucket& of, date_point now) {
    remove_ended(of, now);
    if (of.size() <= most_of_domain) return;
    of.erase(std::min_element(of.begin(), of.end(), [](const entry& a, const entry& b) {
        return std::tie(a.value.secure, a.used) < std::tie(b.value.secure, b.used);
    }));
    --size_;
}

void cookie_store::make_room(date_point now) {
    for (auto& [domain, of] : domains_) remove_ended(of, now);
    if (size_ > most) {
        bucket* from = nullptr;
        std::size_t oldest = 0;
        for (auto& [domain, of] : domains_) {
            for (std::size_t i = 0; i < of.size(); ++i) {
                if (!from || of[i].used < (*from)[oldest].used) std::tie(from, oldest) = std::tuple(&of, i);
            }
        }
        from->erase(from->begin() + static_cast<std::ptrdiff_t>(oldest));
        --size_;
    }
    std::erase_if(domains_, [](const auto& item) { return item.second.empty(); });
}

bool cookie_store::would_shadow_secure(const cookie& c) const noexcept {
    for (const auto& [domain, of] : domains_) {
        if (!domain_matches(domain, false, c.domain) && !domain_matches(c.domain, false, domain)) continue;
        for (const entry& e : of) {
            if (e.value.secure && e.value.name == c.name && path_matches(c.path, e.value.path)) return true;
        }
    }
    return false;
}

std::vector<cookie_store::entry*> cookie_store::matching(const url& to, date_point now) {
    std::vector<entry*> found;
    const std::string_view host = to.host();
    for (std::string_view domain = host;;) {
        if (const auto place = domains_.find(domain); place != domains_.end()) {
            for (entry& e : place->second) {
                if (e.value.host_only && domain.size() != host.size()) continue;
                if (e.value.secure && !to.secure()) continue;
                if (!has_ended(e.value, now) && path_matches(to.path(), e.value.path)) found.push_back(&e);
            }
        }
        const std::size_t dot = domain.find('.');
        if (to.host_is_address() || dot == domain.npos) break;
        domain.remove_prefix(dot + 1);
    }
    std::sort(found.begin(), found.end(), [](const entry* a, const entry* b) {
        if (a->value.path.size() != b->value.path.size()) return a->value.path.size() > b->value.path.size();
        return a->created < b->created;
    });
    return found;
}

std::vector<const cookie*> cookie_store::all(date_point now) const {
    std::vector<const entry*> found;
    for (const auto& [domain, of] : domains_) {
        for (const entry& e : of) {
            if (!has_ended(e.value, now)) found.push_back(&e);
        }
    }
    std::sort(found.begin(), found.end(), [](const entry* a, const entry* b) {
        return std::tie(a->value.domain, a->created) < std::tie(b->value.domain, b->created);
    });
    std::vector<const cookie*> cookies;
    cookies.reserve(found.size());
    for (const entry* e : found) cookies.push_back(&e->value);
    return cookies;
}

std::size_t cookie_store::erase_domain(std::string_view domain) noexcept {
    const auto place = domains_.find(domain);
    if (place == domains_.end()) return 0;
    const std::size_t count = place->second.size();
    domains_.erase(place);
    size_ -= count;
    return count;
}

void cookie_store::clear() noexcept {
    domains_.clear();
    size_ = 0;
}

} // namespace brio::inline v0::http::detail
