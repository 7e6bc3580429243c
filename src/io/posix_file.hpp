// SPDX-License-Identifier: BSL-1.0
// System calls on files, for threads that may block: whole reads and writes, errors in words.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace brio::inline v0::detail {

/// `what` says which call, for which purpose; the text names the path, what to do, and what the system says.
[[nodiscard]] std::system_error file_error(std::string_view what, std::string_view path, int error);

/// Opens, close-on-exec; throws file_error(what, path, ...).
[[nodiscard]] unique_descriptor open_path(std::string_view what, const std::string& path, int flags, mode_t permissions = 0666);

/// Reads at most `size` bytes, fewer only at the end; at `offset`, or at the descriptor's own place when that is negative.
/// Gives -errno in place of the number when it fails.
[[nodiscard]] std::int64_t read_fully(int fd, char* data, std::size_t size, std::int64_t offset) noexcept;
/// Writes all of `data`; 0 or the error.
[[nodiscard]] int write_fully(int fd, std::string_view data, std::int64_t offset) noexcept;

/// A path that names a file in `folder`; "" stands for the current one.
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view name);
/// The folder of a path, "." when it has none.
[[nodiscard]] std::string folder_of(std::string_view path);
[[nodiscard]] std::string_view name_of(std::string_view path) noexcept;
/// Twelve letters and digits that nobody guesses.
[[nodiscard]] std::string random_name();

}  // namespace brio::inline v0::detail
