// SPDX-License-Identifier: BSL-1.0
// Files read in blocks by functions that block: for threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace brio::inline v0::http::detail {

struct open_file_state;

/// The sizes of these regular files. Throws std::system_error, invalid_request for what is no regular file.
std::vector<std::uint64_t> sizes_of_files(const std::vector<std::string>& paths);
/// Shared, so that a read which nobody waits for any more has its file to the end.
std::shared_ptr<open_file_state> open_file(const std::string& path);
/// Up to 256 KiB, empty at the end. One read at a time.
std::string read_block(const std::shared_ptr<open_file_state>& from);

} // namespace brio::inline v0::http::detail
