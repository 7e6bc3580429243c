// SPDX-License-Identifier: BSL-1.0
// preconditions: If-Match, If-None-Match, If-Modified-Since and the like (RFC 9110, section 13). No I/O.
#pragma once

#include "http/http_date.hpp"

#include <brio/http/headers.hpp>

#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// What identifies a version of a resource.
struct validators {
    std::string etag;  ///< with its quotes, `W/` before them for a weak one
    date_point modified{};
};

enum class precondition : unsigned char {
    proceed,
    not_modified,  ///< 304
    failed         ///< 412
};

/// For GET and HEAD. `now` is for dates with two-digit years.
[[nodiscard]] precondition check_preconditions(const headers& request, const validators& current, date_point now);

/// Whether If-Range, if there is one, lets Range apply.
[[nodiscard]] bool range_applies(const headers& request, const validators& current, date_point now);

/// Whether a list of entity tags, or `*`, holds this one. A weak comparison ignores `W/`, a strong one refuses it.
[[nodiscard]] bool etag_matches(std::string_view list, std::string_view etag, bool weak);

}  // namespace brio::inline v0::http::detail
