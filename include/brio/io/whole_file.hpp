// SPDX-License-Identifier: BSL-1.0
// Reading and writing a file in one go.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/thread_call.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace brio::inline v0 {

/// How a file is written as a whole; every setter gives the object back.
class BRIO_API write_options {
public:
    write_options() noexcept = default;

    /// Whoever reads the file, also after a crash, finds either all of the old or all of the new content: it is written
    /// to a new file beside it, brought to the disk, and given the name. Permissions and, if that is allowed, owner of the
    /// old file are kept; a symbolic link stays one, its target is replaced. Other hard links keep the old content.
    write_options& atomic(bool on = true) noexcept { atomic_ = on; return *this; }
    /// Waits until the content is on the disk (default: no; an atomic write always does).
    write_options& sync(bool on = true) noexcept { sync_ = on; return *this; }
    /// Of a file that was not there, less what the process's umask takes away (default: 0666).
    write_options& permissions(unsigned bits) noexcept { permissions_ = bits; return *this; }

    [[nodiscard]] bool is_atomic() const noexcept { return atomic_; }
    [[nodiscard]] bool syncs() const noexcept { return sync_; }
    [[nodiscard]] unsigned chosen_permissions() const noexcept { return permissions_; }

private:
    bool atomic_ = false;
    bool sync_ = false;
    unsigned permissions_ = 0666;
};

// All of these run on a thread of the loop's pool and throw std::system_error, whose text names the file, what was tried
// and what to do. **Cancellation** releases the waiting task at once; what the thread has begun it brings to its end: a file
// may be written although the task was cancelled, but an atomic one never half.

/// The content of a file. A pipe occupies its thread until the other end closes it: a stream is better for that.
[[nodiscard]] BRIO_API detail::thread_operation<std::string> read_text(
    std::string path, const source_location& where = source_location::current());
[[nodiscard]] BRIO_API detail::thread_operation<std::vector<std::byte>> read_bytes(
    std::string path, const source_location& where = source_location::current());

/// Makes the file, or replaces its content: `co_await write_text("state.json", text, write_options().atomic())`.
[[nodiscard]] BRIO_API detail::thread_operation<void> write_text(
    std::string path, std::string content, const write_options& options = write_options(),
    const source_location& where = source_location::current());
[[nodiscard]] BRIO_API detail::thread_operation<void> write_bytes(
    std::string path, std::vector<std::byte> content, const write_options& options = write_options(),
    const source_location& where = source_location::current());

/// Adds to the end of a file, and makes it if need be. Several programs and tasks may append to one file: a content that is
/// small stays in one piece. `atomic` has no effect here.
[[nodiscard]] BRIO_API detail::thread_operation<void> append_text(
    std::string path, std::string content, const write_options& options = write_options(),
    const source_location& where = source_location::current());

}  // namespace brio::inline v0
