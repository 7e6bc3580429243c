// SPDX-License-Identifier: BSL-1.0
// Names of files for URLs: safe, readable, none twice.
#pragma once

#include <brio/http/url.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace fetch {

/// The last part of the URL's path and its query, decoded, without anything that a file system or a shell
/// could mistake: no `/`, no control characters, no leading dot or dash, at most 200 bytes. `index.html` when
/// nothing is left.
std::string file_name_of(const brio::http::url& url);

/// Hands out names, each once: the second `page.html` becomes `page-2.html`.
class file_names {
public:
    std::string take(const std::string& wanted);

private:
    std::unordered_set<std::string> taken_;
    std::unordered_map<std::string, unsigned> last_number_;
};

} // namespace fetch
