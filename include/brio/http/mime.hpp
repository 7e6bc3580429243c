// SPDX-License-Identifier: BSL-1.0
// Media types, as in Content-Type.
#pragma once

#include <brio/core/config.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0::http {

/// A parsed Content-Type (aiohttp's `parse_mimetype`).
class BRIO_API media_type {
public:
    media_type() = default;
    /// Parses leniently and never fails: what is not understood is left out; quoted parameter values are
    /// unquoted.
    explicit media_type(std::string_view text);

    /// `type/subtype` in lower case; empty when the text holds none.
    [[nodiscard]] const std::string& essence() const noexcept { return essence_; }
    /// The value of that parameter (its name in lower case); empty when absent. The first one counts.
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept;
    /// The charset parameter as written; empty when absent.
    [[nodiscard]] std::string_view charset() const noexcept { return parameter("charset"); }
    /// True for application/json, text/json and every `+json` type.
    [[nodiscard]] bool is_json() const noexcept;

private:
    std::string essence_;
    std::vector<std::pair<std::string, std::string>> parameters_;
};

} // namespace brio::inline v0::http
