// SPDX-License-Identifier: BSL-1.0
// Names of files for URLs.
#include "file_names.hpp"

#include <brio/http/percent.hpp>

namespace fetch {

namespace {

constexpr std::size_t longest = 200;

bool is_safe(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F &&
           std::string_view("/\\:*?\"<>|&;$`'!").find(c) == std::string_view::npos;
}

// Where the extension begins, the end when there is none; "archive.tar.gz" keeps ".gz" only.
std::size_t extension_of(const std::string& name) {
    const auto dot = name.rfind('.');
    return dot == name.npos || dot == 0 || name.size() - dot > 12 ? name.size() : dot;
}

void shorten(std::string& name) {
    if (name.size() <= longest) return;
    const std::string extension = name.substr(extension_of(name));
    std::size_t keep = longest - extension.size();
    while (keep > 0 && (static_cast<unsigned char>(name[keep]) & 0xC0) == 0x80) --keep; // whole characters
    name.replace(keep, name.npos, extension);
}

} // namespace

std::string file_name_of(const brio::http::url& url) {
    const std::string_view path = url.path();
    std::string name = brio::http::percent_decode(path.substr(path.rfind('/') + 1));
    if (name.empty()) name = "index.html";
    if (url.has_query()) name += "_" + brio::http::percent_decode(url.query());
    for (char& c : name) {
        if (!is_safe(c)) c = '_';
    }
    if (name[0] == '.' || name[0] == '-') name[0] = '_';
    shorten(name);
    return name;
}

std::string file_names::take(const std::string& wanted) {
    std::string name = wanted;
    if (taken_.insert(name).second) return name;
    unsigned& number = last_number_.try_emplace(wanted, 1).first->second;
    do {
        name = wanted;
        name.insert(extension_of(wanted), "-" + std::to_string(++number));
    } while (!taken_.insert(name).second);
    return name;
}

} // namespace fetch
