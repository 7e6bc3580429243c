// SPDX-License-Identifier: BSL-1.0
// The cookie file format of Netscape, as curl writes and reads it.
#pragma once

#include <brio/http/cookie.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

std::string write_cookie_file(const std::vector<const cookie*>& cookies);

/// One line without its end; nullopt for comments, empty lines and what is no cookie.
std::optional<cookie> read_cookie_line(std::string_view line);

} // namespace brio::inline v0::http::detail
