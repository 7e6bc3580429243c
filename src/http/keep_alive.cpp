// SPDX-License-Identifier: BSL-1.0
// Keep-Alive: timeout=5, max=100.
#include "keep_alive.hpp"

#include "chars.hpp"

#include <algorithm>

namespace brio::inline v0::http::detail {

std::chrono::seconds idle_lifetime(std::optional<std::string_view> keep_alive_header,
                                   std::chrono::seconds standard) {
    auto lifetime = standard;
    if (!keep_alive_header) return lifetime;
    for_each_list_element(*keep_alive_header, [&](std::string_view element) {
        const auto equals = element.find('=');
        if (equals == std::string_view::npos) return;
        const auto name = trim(element.substr(0, equals));
        const auto value = parse_decimal(trim(element.substr(equals + 1)));
        if (!value) return;
        if (iequals(name, "timeout")) {
            const auto hint = static_cast<std::int64_t>(std::min<std::uint64_t>(*value, 601));
            lifetime = std::chrono::seconds(std::max<std::int64_t>(hint - 1, 0));
        }
        if (iequals(name, "max") && *value == 0) lifetime = std::chrono::seconds(0);
    });
    return lifetime;
}

} // namespace brio::inline v0::http::detail
