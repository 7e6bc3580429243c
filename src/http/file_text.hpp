// SPDX-License-Identifier: BSL-1.0
// Small files, whole: read with a limit, replaced at once. They block.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Throws std::system_error; a file over `most` bytes gives file_too_large. `what` names it: "cookie file".
std::string read_file(const std::string& path, std::size_t most, const char* what);

/// Writes a new file beside the old one, with mode 0600, flushes it to the disk and renames it. Throws
/// std::system_error; the old file is then as it was.
void replace_file(const std::string& path, std::string_view text, const char* what);

} // namespace brio::inline v0::http::detail
