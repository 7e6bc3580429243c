// SPDX-License-Identifier: BSL-1.0
// Conditional requests.
#include "http/preconditions.hpp"

#include "http/chars.hpp"

#include <optional>

namespace brio::inline v0::http::detail {

namespace {

bool is_weak(std::string_view etag) noexcept { return etag.starts_with("W/"); }
std::string_view opaque(std::string_view etag) noexcept { return is_weak(etag) ? etag.substr(2) : etag; }

std::optional<date_point> date_in(const headers& request, std::string_view name, date_point now) {
    const auto value = request.get(name);
    return value ? parse_http_date(*value, now) : std::nullopt;
}

}  // namespace

bool etag_matches(std::string_view list, std::string_view etag, bool weak) {
    if (trim(list) == "*") return true;
    if (!weak && is_weak(etag)) return false;
    bool found = false;
    for_each_list_element(list, [&](std::string_view element) {
        if (!weak && is_weak(element)) return;
        if (opaque(element) == opaque(etag)) found = true;
    });
    return found;
}

precondition check_preconditions(const headers& request, const validators& current, date_point now) {
    if (request.contains("If-Match")) {
        if (!etag_matches(request.get_joined("If-Match"), current.etag, false)) return precondition::failed;
    } else if (const auto since = date_in(request, "If-Unmodified-Since", now)) {
        if (current.modified > *since) return precondition::failed;
    }
    if (request.contains("If-None-Match")) {
        return etag_matches(request.get_joined("If-None-Match"), current.etag, true) ? precondition::not_modified : precondition::proceed;
    }
    const auto since = date_in(request, "If-Modified-Since", now);
    return since && current.modified <= *since ? precondition::not_modified : precondition::proceed;
}

bool range_applies(const headers& request, const validators& current, date_point now) {
    const auto value = request.get("If-Range");
    if (!value) return true;
    if (value->ends_with('"')) return !is_weak(*value) && !is_weak(current.etag) && *value == current.etag;
    const auto date = parse_http_date(*value, now);
    return date && *date == current.modified;
}

}  // namespace brio::inline v0::http::detail
