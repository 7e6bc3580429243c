// SPDX-License-Identifier: BSL-1.0
// What went wrong, in one line: what happened and, where that can be said, what to do.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace fetch {

std::string explain(const std::exception_ptr& error);

/// A URL as it may be shown: without password, without anything that a terminal would obey.
std::string shown_url(std::string_view url);

} // namespace fetch
