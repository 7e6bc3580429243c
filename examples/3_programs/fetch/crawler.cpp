// SPDX-License-Identifier: BSL-1.0
// --recursive: which links are followed.
#include "crawler.hpp"

#include "links.hpp"

#include <brio/http/error.hpp>

#include <algorithm>

namespace fetch {

namespace http = brio::http;
using namespace std::chrono_literals;

namespace {

constexpr const char* agent = "fetch"; // the first word of our User-Agent
constexpr std::uint64_t largest_rules = 4 * 1024 * 1024;

} // namespace

crawler::crawler(const settings& chosen, http::session& client, batch& work, job_list& jobs)
    : chosen_(chosen), client_(client), work_(work), jobs_(jobs) {
    for (const std::string& host : chosen.hosts) hosts_.insert(host);
    for (const result& row : work.rows) {
        try {
            const http::url url(row.url);
            hosts_.emplace(url.host());
            seen_.insert(url.with_fragment({}).str());
        } catch (const http::invalid_url&) { // told when its turn comes
        }
    }
}

// No rules (4xx): everything is allowed. No answer, or 5xx: nothing is, until somebody knows better.
brio::awaitable<std::shared_ptr<crawler::site>> crawler::read_rules(std::string origin) {
    auto made = std::make_shared<site>();
    made->rules = robots::forbid_all();
    try {
        const http::response answer = co_await client_.get(origin + "/robots.txt", http::options().timeout(30s).max_body(largest_rules));
        if (answer.status() >= 400 && answer.status() < 500) made->rules = robots();
        if (answer.status() < 300) made->rules = robots(answer.text(), agent);
    } catch (const http::error&) { // nothing is allowed
    }
    if (const auto delay = made->rules.delay()) made->pace = rate_limit(1000.0 / static_cast<double>(delay->count()));
    co_return made;
}

brio::awaitable<bool> crawler::may_fetch(const result& row) {
    std::optional<http::url> url;
    try {
        url.emplace(row.url);
    } catch (const http::invalid_url&) { // the request will tell
    }
    if (!url || !url->is_http()) co_return true;
    const std::string origin(url->origin());
    auto known = sites_.find(origin);
    if (known == sites_.end()) known = sites_.emplace(origin, brio::create_task(read_rules(origin), "robots.txt of " + origin)).first;
    const brio::task<std::shared_ptr<site>> reading = known->second;
    const std::shared_ptr<site> rules = co_await reading.join();
    if (!rules->rules.allows(url->target())) co_return false;
    co_await rules->pace.turn();
    co_return true;
}

bool crawler::is_our_host(std::string_view host) const {
    return std::any_of(hosts_.begin(), hosts_.end(), [host](const std::string& one) {
        return one.starts_with('.') ? host.ends_with(one) || host == std::string_view(one).substr(1) : host == one;
    });
}

void crawler::follow(const std::string& link, unsigned depth) {
    const http::url url(link);
    if (!is_our_host(url.host()) || !seen_.insert(link).second) return;
    work_.add(link, depth);
    work_.shown.expect(work_.rows.size());
    jobs_.add(work_.rows.size() - 1);
}

void crawler::fetched(const result& row) {
    const http::url url(row.url);
    if (!row.location.empty()) {
        try {
            const http::url to = url.resolve(row.location);
            if (to.is_http()) follow(to.with_fragment({}).without_userinfo().str(), row.depth);
        } catch (const http::invalid_url&) { // it leads nowhere
        }
        return;
    }
    if (row.depth >= chosen_.depth) return;
    for (const std::string& link : links_of(row.page, url)) follow(link, row.depth + 1);
}

} // namespace fetch
