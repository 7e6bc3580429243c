// SPDX-License-Identifier: BSL-1.0
// What a site asks programs not to fetch (RFC 9309).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fetch {

/// The rules of one robots.txt for one program. The longest rule that fits a path counts; of two, the one that allows.
class robots {
public:
    /// Without rules: everything is allowed.
    robots() = default;
    /// The rules for `agent`, or for `*` when there are none.
    robots(std::string_view text, std::string_view agent);
    /// For a site whose rules cannot be had.
    [[nodiscard]] static robots forbid_all();

    /// `path` with its query, as it stands in the URL.
    [[nodiscard]] bool allows(std::string_view path) const;
    /// How long to wait between two requests, if the site says so.
    [[nodiscard]] std::optional<std::chrono::milliseconds> delay() const { return delay_; }

private:
    struct rule {
        std::string pattern; // `*` stands for anything, `$` at its end for the end
        bool allows;
    };

    void read(std::string_view text, std::string_view agent);

    std::vector<rule> rules_;
    std::optional<std::chrono::milliseconds> delay_;
    bool found_ = false; // a group for that agent
};

} // namespace fetch
