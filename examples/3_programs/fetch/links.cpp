// SPDX-License-Identifier: BSL-1.0
// Finding links without understanding the page.
#include "links.hpp"

#include <brio/http/error.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <unordered_set>

namespace fetch {

namespace http = brio::http;

namespace {

constexpr const char* spaces = " \t\r\n\f";

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

// Those entities that occur in URLs.
std::string without_entities(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t semicolon = text.find(';');
        if (text.front() != '&' || semicolon > 8) {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        const std::string_view name = text.substr(1, semicolon - 1);
        unsigned code = 0;
        if (name.starts_with('#')) {
            const bool is_hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
            const std::string_view digits = name.substr(is_hex ? 2 : 1);
            std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
        } else if (name == "amp") {
            code = '&';
        } else if (name == "quot") {
            code = '"';
        }
        if (code > 0x20 && code < 0x7F) {
            out += static_cast<char>(code);
        } else {
            out.append(text.substr(0, semicolon + 1));
        }
        text.remove_prefix(semicolon + 1);
    }
    return out;
}

// Takes the next attribute of a tag off the front of `text`; false at the end of the tag.
bool take_attribute(std::string_view& text, std::string& name, std::string_view& value) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\f/"), text.size()));
    if (text.empty() || text.front() == '>') return false;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\f/>=", 1), text.size());
    name = lower(text.substr(0, end));
    text.remove_prefix(end);
    value = {};
    const std::size_t equals = text.find_first_not_of(spaces);
    if (equals == text.npos || text[equals] != '=') return true;
    text.remove_prefix(equals + 1);
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    if (text.empty()) return false;
    if (const char quote = text.front(); quote == '"' || quote == '\'') {
        text.remove_prefix(1);
        value = text.substr(0, text.find(quote));
        text.remove_prefix(std::min(value.size() + 1, text.size()));
    } else {
        value = text.substr(0, text.find_first_of(" \t\r\n\f>"));
        text.remove_prefix(value.size());
    }
    return true;
}

const char* link_attribute(const std::string& tag) {
    for (const char* one : {"a", "area", "link", "base"}) {
        if (tag == one) return "href";
    }
    for (const char* one : {"img", "script", "iframe", "frame", "source", "audio", "video", "embed"}) {
        if (tag == one) return "src";
    }
    return nullptr;
}

// Behind what is no markup: comments, scripts, styles.
void skip_raw(std::string_view& text, std::string_view end) {
    const std::string rest = lower(text);
    text.remove_prefix(std::min(rest.find(end), text.size()));
}

std::optional<http::url> resolved(const http::url& base, std::string_view link) {
    const std::size_t first = link.find_first_not_of(spaces);
    if (first == link.npos) return std::nullopt;
    link = link.substr(first, link.find_last_not_of(spaces) - first + 1);
    try {
        http::url to = base.resolve(without_entities(link));
        if (!to.is_http()) return std::nullopt;
        return to.with_fragment({}).without_userinfo();
    } catch (const http::invalid_url&) {
        return std::nullopt;
    }
}

} // namespace

std::vector<std::string> links_of(std::string_view html, const http::url& page) {
    std::vector<std::string> found;
    std::unordered_set<std::string> seen;
    http::url base = page;
    while (true) {
        html.remove_prefix(std::min(html.find('<'), html.size()));
        if (html.size() < 2) return found;
        html.remove_prefix(1);
        if (html.starts_with("!--")) {
            html.remove_prefix(std::min(html.find("-->"), html.size()));
            continue;
        }
        const std::size_t end = std::min(html.find_first_of(" \t\r\n\f/>"), html.size());
        const std::string tag = lower(html.substr(0, end));
        html.remove_prefix(end);
        const char* const wanted = link_attribute(tag);
        if (!wanted && tag != "style") continue;
        std::string name;
        std::string_view value;
        while (take_attribute(html, name, value)) {
            if (!wanted || name != wanted) continue;
            const auto to = resolved(base, value);
            if (!to) continue;
            if (tag == "base") {
                base = *to;
            } else if (seen.insert(to->str()).second) {
                found.push_back(to->str());
            }
        }
        if (tag == "script" || tag == "style") skip_raw(html, "</" + tag);
    }
}

} // namespace fetch
