// SPDX-License-Identifier: BSL-1.0
// Whole files, in threads; the atomic way to replace one.
#include <brio/io/whole_file.hpp>

#include "io/posix_file.hpp"
#include "io/thread_verb.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string_view>

namespace brio::inline v0 {

namespace {

using namespace detail;

// Room for what the size promises, and a byte more, so that the end is seen without another step.
template <class Buffer>
Buffer read_whole(const char* what, const std::string& path) {
    const unique_descriptor fd = open_path(what, path, O_RDONLY);
    struct stat now {};
    if (::fstat(fd.get(), &now) != 0) throw file_error(what, path, errno);
    if (S_ISDIR(now.st_mode)) throw file_error(what, path, EISDIR);
    Buffer content;
    std::size_t filled = 0;
    std::size_t room = now.st_size > 0 ? static_cast<std::size_t>(now.st_size) + 1 : 64 * 1024;
    for (;;) {
        content.resize(room);
        const std::int64_t got = read_fully(fd.get(), reinterpret_cast<char*>(content.data()) + filled, room - filled, -1);
        if (got < 0) throw file_error(what, path, static_cast<int>(-got));
        filled += static_cast<std::size_t>(got);
        if (filled < room) break;
        room *= 2;
    }
    content.resize(filled);
    return content;
}

std::string read_text_now(std::string path) { return read_whole<std::string>("read_text failed:", path); }
std::vector<std::byte> read_bytes_now(std::string path) {
    return read_whole<std::vector<std::byte>>("read_bytes failed:", path);
}

void check(int error, const char* what, const std::string& path) {
    if (error) throw file_error(what, path, error);
}
int errno_if(int status) noexcept { return status == 0 ? 0 : errno; }

void write_in_place(const char* what, const std::string& path, std::string_view content, int flags, const write_options& options) {
    unique_descriptor fd = open_path(what, path, O_WRONLY | O_CREAT | flags, options.chosen_permissions());
    check(write_fully(fd.get(), content, -1), what, path);
    if (options.syncs()) check(errno_if(::fsync(fd.get())), what, path);
    check(fd.close(), what, path);
}

/// A new file beside another one; removed unless it took its place.
class replacement {
public:
    replacement(const char* what, std::string target, unsigned permissions) : what_(what), target_(std::move(target)) {
        const std::string_view name = name_of(target_).substr(0, 200);  // together not longer than a name may be
        for (;;) {
            path_ = join_path(folder_of(target_), "." + std::string(name) + "." + random_name());
            const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
            fd_ = unique_descriptor(fd);
            if (fd >= 0) return;
            if (errno != EEXIST && errno != EINTR) throw file_error(what_, path_, errno);
        }
    }
    replacement(const replacement&) = delete;
    replacement& operator=(const replacement&) = delete;
    ~replacement() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }

    void resemble(const struct stat& old) {
        // Who may not give files away keeps his own; the bits that lend rights (setuid) go with the owner then.
        const bool same_owner = ::fchown(fd_.get(), old.st_uid, old.st_gid) == 0;
        check(errno_if(::fchmod(fd_.get(), old.st_mode & (same_owner ? 07777 : 0777))), what_, path_);
    }
    void write(std::string_view content) {
        check(write_fully(fd_.get(), content, -1), what_, path_);
        check(errno_if(::fsync(fd_.get())), what_, path_);
        check(fd_.close(), what_, path_);
    }
    void take_place() {
        check(errno_if(std::rename(path_.c_str(), target_.c_str())), what_, target_);
        path_.clear();
        // The name, too, is to survive a crash. Not every file system can do that.
        const std::string folder = folder_of(target_);
        const unique_descriptor fd = open_path(what_, folder, O_RDONLY | O_DIRECTORY);
        if (::fsync(fd.get()) != 0 && errno != EINVAL) throw file_error(what_, folder, errno);
    }

private:
    const char* what_;
    std::string target_;
    std::string path_;
    unique_descriptor fd_;
};

// Where a chain of symbolic links leads to; the path itself when it leads nowhere.
std::string final_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
    return resolved ? std::string(resolved.get()) : path;
}

void replace(const char* what, const std::string& path, std::string_view content, const write_options& options) {
    const std::string target = final_path(path);
    struct stat old {};
    const bool exists = ::stat(target.c_str(), &old) == 0;
    // The new file would take the place of a device, and the device would be gone.
    if (exists && !S_ISREG(old.st_mode)) throw file_error(what, path, S_ISDIR(old.st_mode) ? EISDIR : EINVAL);
    replacement fresh(what, target, options.chosen_permissions());
    if (exists) fresh.resemble(old);
    fresh.write(content);
    fresh.take_place();
}

void write_now(const char* what, const std::string& path, std::string_view content, const write_options& options) {
    if (options.is_atomic()) {
        replace(what, path, content, options);
    } else {
        write_in_place(what, path, content, O_TRUNC, options);
    }
}

void write_text_now(std::string path, std::string content, write_options options) {
    write_now("write_text failed:", path, content, options);
}
void write_bytes_now(std::string path, std::vector<std::byte> content, write_options options) {
    write_now("write_bytes failed:", path, std::string_view(reinterpret_cast<const char*>(content.data()), content.size()), options);
}
void append_text_now(std::string path, std::string content, write_options options) {
    write_in_place("append_text failed:", path, content, O_APPEND, options);
}

}  // namespace

thread_operation<std::string> read_text(std::string path, const source_location& where) {
    return thread_verb("read_text", where, &read_text_now, std::move(path));
}

thread_operation<std::vector<std::byte>> read_bytes(std::string path, const source_location& where) {
    return thread_verb("read_bytes", where, &read_bytes_now, std::move(path));
}

thread_operation<void> write_text(std::string path, std::string content, const write_options& options,
                                  const source_location& where) {
    return thread_verb("write_text", where, &write_text_now, std::move(path), std::move(content), options);
}

thread_operation<void> write_bytes(std::string path, std::vector<std::byte> content, const write_options& options,
                                   const source_location& where) {
    return thread_verb("write_bytes", where, &write_bytes_now, std::move(path), std::move(content), options);
}

thread_operation<void> append_text(std::string path, std::string content, const write_options& options,
                                   const source_location& where) {
    return thread_verb("append_text", where, &append_text_now, std::move(path), std::move(content), options);
}

}  // namespace brio::inline v0
