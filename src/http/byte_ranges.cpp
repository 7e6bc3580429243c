// SPDX-License-Identifier: BSL-1.0
// Range: bytes=0-4, 10-, -5
#include "http/byte_ranges.hpp"

#include "http/chars.hpp"

#include <algorithm>
#include <optional>

namespace brio::inline v0::http::detail {

namespace {

enum class spec : unsigned char { good, behind_the_end, malformed };

// One of "0-4", "10-", "-5".
spec read_spec(std::string_view text, std::uint64_t size, byte_range& range) {
    const std::size_t dash = text.find('-');
    if (dash == text.npos) return spec::malformed;
    const std::string_view from = trim(text.substr(0, dash));
    const std::string_view to = trim(text.substr(dash + 1));
    const std::optional<std::uint64_t> first = parse_decimal(from);
    const std::optional<std::uint64_t> last = parse_decimal(to);
    if (from.empty()) {  // the last so many bytes
        if (!last) return spec::malformed;
        if (*last == 0) return spec::behind_the_end;
        range.size = std::min(*last, size);
        range.first = size - range.size;
        return spec::good;
    }
    if (!first || (!to.empty() && (!last || *last < *first))) return spec::malformed;
    if (*first >= size) return spec::behind_the_end;
    range.first = *first;
    range.size = std::min(last.value_or(size - 1), size - 1) - *first + 1;
    return spec::good;
}

}  // namespace

range_choice choose_ranges(std::string_view header, std::uint64_t size) {
    range_choice chosen;
    const std::size_t equals = header.find('=');
    if (equals == header.npos || !iequals(trim(header.substr(0, equals)), "bytes") || size == 0) return chosen;
    bool ignored = false;
    std::size_t count = 0;
    std::uint64_t total = 0;
    for_each_list_element(header.substr(equals + 1), [&](std::string_view element) {
        byte_range range;
        const spec how = ++count > max_ranges ? spec::malformed : read_spec(element, size, range);
        if (how == spec::malformed) ignored = true;
        if (how != spec::good || ignored) return;
        total += range.size;  // no overflow: at most 16 times the size of a file
        chosen.ranges.push_back(range);
    });
    const bool overlapping = total > size && chosen.ranges.size() > 1;
    if (ignored || count == 0 || overlapping) return {};
    chosen.what = chosen.ranges.empty() ? range_choice::verdict::unsatisfiable : range_choice::verdict::partial;
    return chosen;
}

std::string content_range_text(const byte_range& range, std::uint64_t size) {
    return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.first + range.size - 1) + "/" + std::to_string(size);
}

}  // namespace brio::inline v0::http::detail
