// SPDX-License-Identifier: BSL-1.0
// The challenges of a WWW-Authenticate or Proxy-Authenticate header (RFC 9110 section 11.6.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0::http::detail {

struct challenge {
    std::string scheme; // in lower case
    std::string token;  // the token68 form: "Negotiate YII..."
    std::vector<std::pair<std::string, std::string>> parameters; // names in lower case, values without quotes

    /// The first value of that name.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
};

/// Reads what it can, in order; several header fields are joined by commas first. Parts that are no challenge are
/// left out; never fails.
std::vector<challenge> parse_challenges(std::string_view text);

/// A parameter list without a scheme: Authentication-Info.
std::vector<std::pair<std::string, std::string>> parse_auth_parameters(std::string_view text);

/// `"text"`, with quotes and backslashes escaped.
std::string quoted(std::string_view text);

} // namespace brio::inline v0::http::detail
