// SPDX-License-Identifier: BSL-1.0
// The header checks, and a way past them for fields that a parser has already validated.
#pragma once

#include <brio/http/headers.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// What is wrong with the name (or value), for the error message; nullopt when it is fine.
std::optional<std::string> check_header_name(std::string_view name);
std::optional<std::string> check_header_value(std::string_view name, std::string_view value);

struct headers_access {
    /// Appends without any check.
    static void append(headers& to, std::string_view name, std::string_view value) { to.append(name, value); }
};

} // namespace brio::inline v0::http::detail
