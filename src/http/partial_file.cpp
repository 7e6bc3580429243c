// SPDX-License-Identifier: BSL-1.0
// open, pwrite, fsync, rename.
#include "http/partial_file.hpp"

#include "http/file_text.hpp"

#include <brio/http/download.hpp>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t block = 256 * 1024;
constexpr std::size_t longest_note = 64 * 1024;
constexpr const char* note_name = "download note";

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos) return ".";
    return path.substr(0, slash + 1);
}

// The new name reaches the disk with the folder. Not all file systems can do that.
void sync_folder(const std::string& path) {
    const brio::unique_descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) ::fsync(folder.get());
}

std::optional<resume_note> read_note(const std::string& info) {
    try {
        return read_resume_note(read_file(info, longest_note, note_name));
    } catch (const std::system_error&) {
        return std::nullopt;
    }
}

bool is_same_file(int fd, const std::string& name) noexcept {
    struct stat open {};
    struct stat named {};
    return ::fstat(fd, &open) == 0 && ::lstat(name.c_str(), &named) == 0 && open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

} // namespace

void partial_file::fail(int code, const std::string& why) const {
    throw std::system_error(code, std::generic_category(), "cannot download to '" + path_ + "': " + why);
}

std::shared_ptr<partial_file> partial_file::open(std::string path, bool resumable, bool hashed) {
    std::shared_ptr<partial_file> made(new partial_file(std::move(path), resumable));
    if (made->path_.empty()) made->fail(ENOENT, "it has no name");
    struct stat target {};
    if (::lstat(made->path_.c_str(), &target) == 0) {
        if (S_ISDIR(target.st_mode)) made->fail(EISDIR, "it is there");
        if (S_ISLNK(target.st_mode)) made->fail(ELOOP, "it is a symbolic link; give the name of the file that it leads to");
        if (!S_ISREG(target.st_mode)) made->fail(EINVAL, "it is there and no regular file");
        made->mode_ = target.st_mode & 0777;
    }
    if (hashed) made->hash_.emplace();
    made->open_part();
    if (made->size_ > 0 && made->hash_) made->hash_part();
    return made;
}

void partial_file::open_part() {
    part_ = path_ + (resumable_ ? "" : "." + random_hex(4)) + ".part";
    const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    brio::unique_descriptor opened(::open(part_.c_str(), resumable_ ? flags : flags | O_EXCL, 0666));
    if (!opened) fail(errno, "cannot open '" + part_ + "'");
    if (resumable_) require_own(opened.get());
    fd_ = std::move(opened);
}

// What lies there may be somebody else's.
void partial_file::require_own(int fd) {
    info_ = part_ + ".info";
    struct stat info {};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) fail(EEXIST, "'" + part_ + "' is there and no regular file");
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0 || !is_same_file(fd, part_) || ::fstat(fd, &info) != 0) {
        fail(EBUSY, "another download is writing '" + part_ + "'");
    }
    size_ = static_cast<std::uint64_t>(info.st_size);
    const auto found = read_note(info_);
    if (!found && size_ > 0) fail(EEXIST, "'" + part_ + "' is there, and no part of a download of ours; remove it");
    if (found) note_ = *found;
}

void partial_file::hash_part() {
    std::string bytes(block, '\0');
    for (std::uint64_t at = 0; at < size_;) {
        const ssize_t n = ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) fail(n < 0 ? errno : EIO, "cannot read '" + part_ + "'");
        hash_->update({bytes.data(), static_cast<std::size_t>(n)});
        at += static_cast<std::uint64_t>(n);
    }
}

void partial_file::restart(const resume_note& note) {
    const std::lock_guard lock(mutex_);
    if (!fd_) return;
    if (::ftruncate(fd_.get(), 0) != 0) fail(errno, "cannot write to '" + part_ + "'");
    size_ = 0;
    if (hash_) hash_.emplace();
    note_ = note;
    if (resumable_) replace_file(info_, write_resume_note(note_), note_name);
}

void partial_file::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(errno, "cannot write to '" + part_ + "'");
        const auto written = static_cast<std::size_t>(n);
        if (hash_) hash_->update(bytes.substr(0, written));
        size_ += written;
        bytes.remove_prefix(written);
    }
}

void partial_file::write(const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    if (fd_) append(bytes);
}

void partial_file::commit(const std::string& sha256) {
    const std::lock_guard lock(mutex_);
    if (!fd_) return;
    if (!sha256.empty()) {
        const std::string actual = hash_->hex();
        if (actual != sha256) {
            remove();
            throw checksum_error(sha256, actual);
        }
    }
    if (mode_) ::fchmod(fd_.get(), *mode_); // as the file had before; where that cannot be, it is as any new one
    if (::fsync(fd_.get()) != 0) fail(errno, "cannot write to '" + part_ + "'");
    if (std::rename(part_.c_str(), path_.c_str()) != 0) fail(errno, "cannot rename '" + part_ + "'");
    if (resumable_) ::unlink(info_.c_str());
    sync_folder(path_);
    fd_.reset();
}

void partial_file::remove() noexcept {
    ::unlink(part_.c_str());
    if (resumable_) ::unlink(info_.c_str());
    fd_.reset();
}

void partial_file::close(const std::string& rest) noexcept {
    const std::lock_guard lock(mutex_);
    if (!fd_) return;
    if (!resumable_ || note_.validator.empty()) {
        remove();
        return;
    }
    try {
        append(rest);
    } catch (const std::system_error&) { // then it is shorter
    }
    fd_.reset();
}

partial_file::~partial_file() { close(std::string()); }

} // namespace brio::inline v0::http::detail
