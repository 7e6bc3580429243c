// SPDX-License-Identifier: BSL-1.0
// file: an open file, read and written by threads of the loop's pool.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/file_operation.hpp>
#include <brio/detail/thread_call.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace brio::inline v0 {

/// How a file is opened; every setter gives the object back. `file_options("r+")` takes the letters of C and Python.
class BRIO_API file_options {
public:
    /// `r` read; `w` write, made or emptied; `x` write, made, must not be there; `a` write at the end, made if need be; each
    /// with `+` for reading and writing. `b` is accepted. Throws std::invalid_argument for anything else.
    file_options(std::string_view mode = "r");  // NOLINT: open_file(path, "w")
    file_options(const char* mode) : file_options(std::string_view(mode)) {}  // NOLINT

    /// On by default: `file_options().write()` is for both.
    file_options& read(bool on = true) noexcept { read_ = on; return *this; }
    file_options& write(bool on = true) noexcept { write_ = on; return *this; }
    /// Every write goes to the end, wherever that is by then; implies `write`.
    file_options& append(bool on = true) noexcept { append_ = on; write_ = write_ || on; return *this; }
    /// Makes the file if it is not there.
    file_options& create(bool on = true) noexcept { create_ = on; return *this; }
    /// Makes the file; it must not be there.
    file_options& exclusive(bool on = true) noexcept { exclusive_ = on; create_ = create_ || on; return *this; }
    /// Empties the file; implies `write`.
    file_options& truncate(bool on = true) noexcept { truncate_ = on; write_ = write_ || on; return *this; }
    /// Of a file that is made, less what the process's umask takes away (default: 0666).
    file_options& permissions(unsigned bits) noexcept { permissions_ = bits; return *this; }
    /// How much is read ahead at a time (default: 64 KiB; at least 1).
    file_options& buffer_size(std::size_t bytes) noexcept { buffer_size_ = bytes > 0 ? bytes : 1; return *this; }

    /// For brio itself: the flags of open(2).
    [[nodiscard]] int flags() const noexcept;
    [[nodiscard]] unsigned chosen_permissions() const noexcept { return permissions_; }
    [[nodiscard]] std::size_t chosen_buffer_size() const noexcept { return buffer_size_; }
    [[nodiscard]] bool appends() const noexcept { return append_; }

private:
    bool read_ = false;
    bool write_ = false;
    bool append_ = false;
    bool create_ = false;
    bool exclusive_ = false;
    bool truncate_ = false;
    unsigned permissions_ = 0666;
    std::size_t buffer_size_ = 64 * 1024;
};

/// Where `file::seek` counts from.
enum class seek_from : std::uint8_t { begin, current, end };

/// An open file, made by `open_file`; aiofiles' file object. Movable; a moved-from one is closed. Belongs to the loop that
/// opened it (loop_error elsewhere). The last thing that uses it, handle or operation, closes it, in the background.
///
/// Nothing here blocks the loop: what needs the disk is done by a thread of the loop's pool, the operations of one file one
/// after the other, in the order of their calls. Reading goes through a buffer, which is filled in one go (`buffer_size`):
/// what is in it needs neither a thread nor a suspension, so a loop over lines or small pieces is cheap. What others write
/// to the part of the file that is in the buffer is not seen; `seek` to another part, or a write, forgets it.
///
/// **Cancellation** of a waiting operation: it has not happened, or not yet: the position is where it was. A read that is
/// called again reads the same; a write may have changed the file by then, all of its bytes or some, and writes to the same
/// place when it is called again (at the end once more, in a file opened to append). An operation that waits for its turn
/// is not begun. One that is done when the cancel comes delivers its result first.
///
/// Errors are std::system_error, whose text names the file, what was tried and what to do; after one the position is where
/// it was. Operations on a closed file throw invalid_state_error.
class BRIO_API file {
public:
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

    file() noexcept;
    file(file&& other) noexcept;
    file& operator=(file&& other) noexcept;
    ~file();

    /// The next `count` bytes, fewer only at the end of the file; without `count`, all that is left; "" at the end. A later
    /// read sees what has been appended meanwhile.
    detail::file_read read(std::size_t count = npos, const source_location& where = source_location::current()) const;
    /// The same into memory of the caller's, which must stay until then: gives the number of bytes, 0 at the end. When it
    /// is cancelled the memory is not touched any more.
    detail::file_read_into read_into(void* data, std::size_t size,
                                     const source_location& where = source_location::current()) const;
    /// The next line without its end (`\n` or `\r\n`); the last one may lack that. Nothing at the end of the file:
    /// `while (auto line = co_await f.next_line())`.
    detail::file_line next_line(const source_location& where = source_location::current()) const;
    /// Writes all of `data`, at the position, or at the end of the file if it was opened to append.
    detail::file_done write(std::string data, const source_location& where = source_location::current()) const;

    /// Moves the position, and gives it, in bytes from the begin. A position behind the end is no error, one before the
    /// begin is (std::invalid_argument).
    detail::file_number seek(std::int64_t offset, seek_from base = seek_from::begin,
                             const source_location& where = source_location::current()) const;
    /// The position: where the next operation begins, when those under way are done.
    [[nodiscard]] std::uint64_t tell() const;
    /// The size of the file now.
    detail::file_number size(const source_location& where = source_location::current()) const;
    /// Cuts the file, or makes it longer with zeros; the position stays.
    detail::file_done truncate(std::uint64_t size, const source_location& where = source_location::current()) const;
    /// Waits until what was written is on the disk: contents and attributes (fsync).
    detail::file_done sync(const source_location& where = source_location::current()) const;
    /// The same for the contents, and what is needed to read them (fdatasync).
    detail::file_done sync_data(const source_location& where = source_location::current()) const;

    /// Closes it when the operations before are done, and throws an error that the system has kept back until now. No
    /// effect on a closed file. **Cancellation** before its turn leaves the file open; afterwards it is closed.
    detail::file_done close(const source_location& where = source_location::current()) const;
    [[nodiscard]] bool is_open() const noexcept;

    /// As given to `open_file`; empty when it was moved from.
    [[nodiscard]] const std::string& path() const noexcept;
    /// The descriptor, which stays this object's; -1 when it is closed.
    [[nodiscard]] int native_handle() const noexcept;

    /// For brio itself.
    explicit file(detail::ref<detail::sequence> state) noexcept;

private:
    [[nodiscard]] const detail::ref<detail::sequence>& require_state() const;
    detail::ref<detail::sequence> state_;
};

/// Opens a file: `co_await open_file("data.txt")`, `co_await open_file(path, "w")`,
/// `co_await open_file(path, file_options().write().create())`. Throws std::system_error; std::invalid_argument for options
/// that neither read nor write. Pipes, sockets and terminals are refused (they are streams), so are directories.
/// **Cancellation** releases the waiting task at once; the file is closed when it has been opened (one that is made, stays).
/// aiofiles' `open`.
BRIO_API detail::open_operation open_file(std::string path, const file_options& options = file_options(),
                                          const source_location& where = source_location::current());

}  // namespace brio::inline v0
