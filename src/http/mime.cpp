// SPDX-License-Identifier: BSL-1.0
// Content-Type parsing.
#include "chars.hpp"

#include <brio/http/mime.hpp>

#include <algorithm>

namespace brio::inline v0::http {

namespace {

// Cuts a parameter value, quoted or not, from the front of `text` and leaves `text` behind its ';'.
std::string take_value(std::string_view& text) {
    std::string value;
    if (!text.empty() && text.front() == '"') {
        std::size_t i = 1;
        for (; i < text.size() && text[i] != '"'; ++i) {
            if (text[i] == '\\' && i + 1 < text.size()) ++i;
            value += text[i];
        }
        text.remove_prefix(std::min(i, text.size()));
    } else {
        value = detail::trim(text.substr(0, text.find(';')));
    }
    const auto next = text.find(';');
    text = next == std::string_view::npos ? std::string_view() : text.substr(next + 1);
    return value;
}

} // namespace

media_type::media_type(std::string_view text) {
    const auto essence = detail::trim(text.substr(0, text.find(';')));
    const auto slash = essence.find('/');
    if (slash == std::string_view::npos || !detail::is_token(essence.substr(0, slash)) ||
        !detail::is_token(essence.substr(slash + 1)))
        return;
    essence_ = detail::lowered(essence);
    const auto first = text.find(';');
    if (first == std::string_view::npos) return;
    text.remove_prefix(first + 1);
    while (!text.empty() && parameters_.size() < 16) {
        const auto stop = text.find_first_of(";=");
        if (stop == std::string_view::npos) return;
        const auto name = detail::trim(text.substr(0, stop));
        const bool has_value = text[stop] == '=';
        text.remove_prefix(stop + 1);
        if (!has_value) continue;
        text = detail::trim(text);
        auto value = take_value(text);
        if (detail::is_token(name)) parameters_.emplace_back(detail::lowered(name), std::move(value));
    }
}

std::string_view media_type::parameter(std::string_view name) const noexcept {
    for (const auto& [key, value] : parameters_)
        if (key == name) return value;
    return {};
}

bool media_type::is_json() const noexcept {
    return essence_ == "application/json" || essence_ == "text/json" ||
           (essence_.size() > 5 && essence_.compare(essence_.size() - 5, 5, "+json") == 0);
}

} // namespace brio::inline v0::http
