// SPDX-License-Identifier: BSL-1.0
// What there is to know of a file without opening it; removing and renaming.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/thread_call.hpp>

#include <chrono>
#include <cstdint>
#include <string>

struct stat;

namespace brio::inline v0 {

enum class file_type : std::uint8_t { regular, directory, symlink, fifo, socket, character_device, block_device, unknown };

/// `regular file`, `directory`, `symbolic link`, ...
[[nodiscard]] BRIO_API const char* to_string(file_type type) noexcept;

/// The result of `stat_file`.
class BRIO_API file_info {
public:
    /// For brio itself.
    explicit file_info(const struct ::stat& system) noexcept;

    [[nodiscard]] file_type type() const noexcept { return type_; }
    [[nodiscard]] bool is_regular() const noexcept { return type_ == file_type::regular; }
    [[nodiscard]] bool is_directory() const noexcept { return type_ == file_type::directory; }
    [[nodiscard]] bool is_symlink() const noexcept { return type_ == file_type::symlink; }
    /// In bytes.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// The lower twelve bits of the mode: `0644`.
    [[nodiscard]] unsigned permissions() const noexcept { return permissions_; }
    /// Of the content.
    [[nodiscard]] std::chrono::system_clock::time_point modified() const noexcept { return modified_; }
    [[nodiscard]] std::uint32_t owner() const noexcept { return owner_; }
    [[nodiscard]] std::uint32_t group() const noexcept { return group_; }
    [[nodiscard]] std::uint64_t links() const noexcept { return links_; }
    /// Two names are the same file when these two are the same: what `tail -f` looks at when a log is rotated.
    [[nodiscard]] std::uint64_t device() const noexcept { return device_; }
    [[nodiscard]] std::uint64_t inode() const noexcept { return inode_; }

private:
    file_type type_;
    unsigned permissions_;
    std::uint32_t owner_;
    std::uint32_t group_;
    std::uint64_t size_;
    std::uint64_t links_;
    std::uint64_t device_;
    std::uint64_t inode_;
    std::chrono::system_clock::time_point modified_;
};

/// What a path that ends in a symbolic link stands for: the link's target, or the link.
enum class symlinks : bool { follow, keep };

// All of these run on a thread of the loop's pool and throw std::system_error, whose text names the path, what was tried
// and what to do. **Cancellation** releases the waiting task at once; what the thread has begun it brings to its end.

[[nodiscard]] BRIO_API detail::thread_operation<file_info> stat_file(
    std::string path, symlinks how = symlinks::follow, const source_location& where = source_location::current());
/// False when there is nothing, whatever the reason: a link that leads nowhere, or no permission to look.
[[nodiscard]] BRIO_API detail::thread_operation<bool> file_exists(
    std::string path, const source_location& where = source_location::current());
/// Removes a name that is no directory; the file goes with its last name, when nobody has it open.
[[nodiscard]] BRIO_API detail::thread_operation<void> remove_file(
    std::string path, const source_location& where = source_location::current());
/// Gives a file or directory another name on the same file system; a file of that name is replaced, in one step.
[[nodiscard]] BRIO_API detail::thread_operation<void> rename_file(
    std::string from, std::string to, const source_location& where = source_location::current());

}  // namespace brio::inline v0
