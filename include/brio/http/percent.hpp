// SPDX-License-Identifier: BSL-1.0
// Percent-encoding for URLs and the encoding of HTML forms.
#pragma once

#include <brio/core/config.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0::http {

/// Name and value pairs in order, duplicates kept: query parameters, form fields.
using name_values = std::vector<std::pair<std::string, std::string>>;

/// Encodes every byte but letters, digits and `-._~`; a space becomes `%20` (Python's `quote(s, safe="")`).
[[nodiscard]] BRIO_API std::string percent_encode(std::string_view text);

/// Undoes percent-encoding; `+` stays `+`, and a `%` without two hexadecimal digits stays as it is (Python's
/// `unquote`, but on bytes).
[[nodiscard]] BRIO_API std::string percent_decode(std::string_view text);

/// `a=1&b=x%20y`: names and values percent-encoded, for the query of a URL.
[[nodiscard]] BRIO_API std::string query_encode(const name_values& pairs);

/// The body of an `application/x-www-form-urlencoded` form as WHATWG defines it: letters, digits and `*-._`
/// stay, a space becomes `+` (Python's `urlencode`).
[[nodiscard]] BRIO_API std::string form_encode(const name_values& pairs);

/// Undoes both: `a=1&b=x%20y+z` as pairs in order. `+` is a space, a name without `=` has an empty value, empty parts are left
/// out, a `%` without two hexadecimal digits stays as it is (Python's `parse_qsl` with `keep_blank_values`).
[[nodiscard]] BRIO_API name_values query_decode(std::string_view text);

} // namespace brio::inline v0::http
