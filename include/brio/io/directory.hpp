// SPDX-License-Identifier: BSL-1.0
// Directories: what is in them, making and removing them.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/directory_operation.hpp>
#include <brio/detail/thread_call.hpp>
#include <brio/io/file_info.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// An open directory, made by `open_directory`, whose entries are given one by one: for those with very many. Movable.
/// Belongs to the loop that opened it (loop_error elsewhere). A thread of the pool reads a few hundred at a time; those
/// need neither a thread nor a suspension.
class BRIO_API directory_reader {
public:
    /// For brio itself.
    explicit directory_reader(detail::ref<detail::sequence> state) noexcept : state_(std::move(state)) {}

    /// The next entry, in no order, without `.` and `..`; nothing at the end:
    /// `while (auto entry = co_await reader.next())`. What comes and goes meanwhile may be given or not. Throws
    /// std::system_error. **Cancellation** skips none.
    detail::directory_next next(const source_location& where = source_location::current()) const { return {state_, where}; }

private:
    detail::ref<detail::sequence> state_;
};

// All of these run on a thread of the loop's pool and throw std::system_error, whose text names the path, what was tried
// and what to do. **Cancellation** releases the waiting task at once; what the thread has begun it brings to its end.

/// Opens a directory to read it entry by entry. aiofiles' `os.scandir`.
[[nodiscard]] BRIO_API detail::open_directory_operation open_directory(
    std::string path, const source_location& where = source_location::current());
/// All entries, by name, without `.` and `..`. aiofiles' `os.listdir`.
[[nodiscard]] BRIO_API detail::thread_operation<std::vector<directory_entry>> list_directory(
    std::string path, const source_location& where = source_location::current());

/// Makes one directory, whose parent must be there; it must not be there itself.
[[nodiscard]] BRIO_API detail::thread_operation<void> make_directory(
    std::string path, unsigned permissions = 0777, const source_location& where = source_location::current());
/// Makes a directory and those on the way to it, as far as they are missing. No error when it is there.
[[nodiscard]] BRIO_API detail::thread_operation<void> make_directories(
    std::string path, const source_location& where = source_location::current());
/// Removes an empty directory.
[[nodiscard]] BRIO_API detail::thread_operation<void> remove_directory(
    std::string path, const source_location& where = source_location::current());
/// Removes a file, or a directory with all that is in it; symbolic links are removed, not followed. Gives how many names
/// were removed: 0 when there was nothing, which is no error. Goes on to the end when it is cancelled.
[[nodiscard]] BRIO_API detail::thread_operation<std::size_t> remove_tree(
    std::string path, const source_location& where = source_location::current());

}  // namespace brio::inline v0
