// SPDX-License-Identifier: BSL-1.0
// --recursive: which links are followed.
#pragma once

#include "batch.hpp"
#include "job_list.hpp"
#include "rate_limit.hpp"
#include "robots.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/task.hpp>
#include <brio/http/session.hpp>
#include <brio/http/url.hpp>

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace fetch {

/// Follows the links of pages to --depth, within the hosts that were asked for, where robots.txt allows it.
class crawler {
public:
    /// The rows of `work` are where it begins.
    crawler(const settings& chosen, brio::http::session& client, batch& work, job_list& jobs);

    /// Waits until the row may be fetched, which the site's robots.txt is read for, once; false when it may not.
    brio::awaitable<bool> may_fetch(const result& row);
    /// A row was fetched: what it links to, or points to as a redirect, becomes further rows.
    void fetched(const result& row);

private:
    struct site {
        robots rules;
        rate_limit pace{0};
    };

    brio::awaitable<std::shared_ptr<site>> read_rules(std::string origin);
    [[nodiscard]] bool is_our_host(std::string_view host) const;
    void follow(const std::string& link, unsigned depth);

    const settings& chosen_;
    brio::http::session& client_;
    batch& work_;
    job_list& jobs_;
    std::unordered_set<std::string> hosts_;
    std::unordered_set<std::string> seen_;
    std::unordered_map<std::string, brio::task<std::shared_ptr<site>>> sites_; // by origin
};

} // namespace fetch
