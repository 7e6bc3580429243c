// SPDX-License-Identifier: BSL-1.0
// The links of a page.
#pragma once

#include <brio/http/url.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace fetch {

/// What an HTML page links to and shows: a, area, link, img, script, frames, media. Absolute http and https URLs without
/// fragments, each once, in order; `<base>` counts. What is no URL is left out. No full parser of HTML: scripts make no links.
std::vector<std::string> links_of(std::string_view html, const brio::http::url& page);

} // namespace fetch
