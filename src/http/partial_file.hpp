// SPDX-License-Identifier: BSL-1.0
// The file beside the one that is being downloaded. Everything here blocks: for threads.
#pragma once

#include "http/crypto.hpp"
#include "http/resume_machine.hpp"

#include <brio/io/unique_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// `PATH.part`, with a note `PATH.part.info` that says whose part it is, when the download may be resumed; else a name of
/// its own, `PATH.XXXXXXXX.part`. Either becomes PATH by renaming, or goes away. Calls may come from several threads, and
/// one that was overtaken by close() does nothing. Errors are std::system_error that name the file.
class partial_file {
public:
    /// Refuses targets that are there and no regular files, and a part that another download is writing.
    static std::shared_ptr<partial_file> open(std::string path, bool resumable, bool hashed);
    partial_file(const partial_file&) = delete;
    partial_file& operator=(const partial_file&) = delete;
    /// close(), if that was not called.
    ~partial_file();

    /// What an earlier attempt has left.
    [[nodiscard]] const resume_note& note() const noexcept { return note_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// The part is void: from now on it is one of what the note says.
    void restart(const resume_note& note);
    void write(const std::string& bytes);
    /// To the disk, compared with the checksum unless that is empty, and renamed. Throws checksum_error.
    void commit(const std::string& sha256);
    /// An early end: writes what is left and keeps the part if it can be resumed, else removes it.
    void close(const std::string& rest) noexcept;

private:
    partial_file(std::string path, bool resumable) : path_(std::move(path)), resumable_(resumable) {}
    void open_part();
    void require_own(int fd);
    void hash_part();
    void remove() noexcept;
    void append(std::string_view bytes);
    [[noreturn]] void fail(int code, const std::string& why) const;

    const std::string path_;
    const bool resumable_;
    std::string part_;
    std::string info_;
    std::optional<unsigned> mode_; // of the file that is there
    std::mutex mutex_;
    brio::unique_descriptor fd_;
    std::uint64_t size_ = 0;
    resume_note note_;
    std::optional<sha256_stream> hash_;
};

} // namespace brio::inline v0::http::detail
