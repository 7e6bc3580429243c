// SPDX-License-Identifier: BSL-1.0
// Loops around system calls that may do less than they were asked.
#include "io/posix_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <random>

namespace brio::inline v0::detail {

namespace {

const char* advice(int error) noexcept {
    switch (error) {
        case ENOENT: return "check the path: the file, or a folder on the way, is not there";
        case EACCES:
        case EPERM: return "this user may not do that; check the permissions of the file and of its folders";
        case EEXIST: return "something of that name is there already: remove it or choose another name";
        case EISDIR: return "it is a directory";
        case ENOTDIR: return "a part of the path is no directory";
        case ENOTEMPTY: return "there is something in the directory: remove_tree removes that, too";
        case ENOSPC:
        case EDQUOT: return "free some space";
        case EMFILE:
        case ENFILE: return "close some descriptors, or raise the limit (ulimit -n)";
        case EROFS: return "the file system can only be read";
        case EXDEV: return "the two names are on different file systems: copy it instead";
        case EBADF: return "the file was not opened for that: see file_options";
        case ESPIPE: return "it is a pipe, a socket or a terminal: use a stream";
        case ELOOP: return "there are too many symbolic links on the way";
        case EFBIG: return "the file would become larger than allowed";
        default: return "";
    }
}

// One of the four forms of reading or writing, again when a signal interrupts.
template <class Call>
ssize_t uninterrupted(Call call) noexcept {
    for (;;) {
        const ssize_t done = call();
        if (done >= 0 || errno != EINTR) return done;
    }
}

}  // namespace

std::system_error file_error(std::string_view what, std::string_view path, int error) {
    std::string text(what);
    text.append(" '").append(path).append("'");
    if (const char* const hint = advice(error); *hint) text.append(" (").append(hint).append(")");
    return std::system_error(error, std::system_category(), text);
}

unique_descriptor open_path(std::string_view what, const std::string& path, int flags, mode_t permissions) {
    for (;;) {
        const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, permissions);
        if (fd >= 0) return unique_descriptor(fd);
        if (errno != EINTR) throw file_error(what, path, errno);
    }
}

std::int64_t read_fully(int fd, char* data, std::size_t size, std::int64_t offset) noexcept {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = uninterrupted([&] {
            return offset < 0 ? ::read(fd, data + done, size - done)
                              : ::pread(fd, data + done, size - done, offset + static_cast<off_t>(done));
        });
        if (got < 0) return -errno;
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return static_cast<std::int64_t>(done);
}

int write_fully(int fd, std::string_view data, std::int64_t offset) noexcept {
    while (!data.empty()) {
        const ssize_t put = uninterrupted([&] {
            return offset < 0 ? ::write(fd, data.data(), data.size()) : ::pwrite(fd, data.data(), data.size(), offset);
        });
        if (put < 0) return errno;
        data.remove_prefix(static_cast<std::size_t>(put));
        if (offset >= 0) offset += put;
    }
    return 0;
}

std::string join_path(std::string_view folder, std::string_view name) {
    std::string path(folder);
    if (!path.empty() && path.back() != '/') path += '/';
    return path.append(name);
}

std::string folder_of(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == path.npos) return ".";
    return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string_view name_of(std::string_view path) noexcept {
    const auto slash = path.rfind('/');
    return slash == path.npos ? path : path.substr(slash + 1);
}

std::string random_name() {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::random_device source;
    std::uniform_int_distribution<std::size_t> pick(0, letters.size() - 1);
    std::string name;
    for (int i = 0; i < 12; ++i) name += letters[pick(source)];
    return name;
}

}  // namespace brio::inline v0::detail
