// SPDX-License-Identifier: BSL-1.0
// stat, unlink, rename.
#include <brio/io/file_info.hpp>

#include "io/file_type.hpp"
#include "io/posix_file.hpp"
#include "io/thread_verb.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace brio::inline v0 {

namespace detail {

file_type type_of_mode(unsigned mode) noexcept {
    switch (mode & S_IFMT) {
        case S_IFREG: return file_type::regular;
        case S_IFDIR: return file_type::directory;
        case S_IFLNK: return file_type::symlink;
        case S_IFIFO: return file_type::fifo;
        case S_IFSOCK: return file_type::socket;
        case S_IFCHR: return file_type::character_device;
        case S_IFBLK: return file_type::block_device;
        default: return file_type::unknown;
    }
}

}  // namespace detail

namespace {

using namespace detail;

file_info stat_now(std::string path, symlinks how) {
    struct ::stat now {};
    const int status = how == symlinks::follow ? ::stat(path.c_str(), &now) : ::lstat(path.c_str(), &now);
    if (status != 0) throw file_error("stat_file failed:", path, errno);
    return file_info(now);
}

bool exists_now(std::string path) {
    struct ::stat now {};
    return ::stat(path.c_str(), &now) == 0;
}

void remove_file_now(std::string path) {
    if (::unlink(path.c_str()) != 0) throw file_error("remove_file failed:", path, errno);
}

void rename_now(std::string from, std::string to) {
    if (std::rename(from.c_str(), to.c_str()) == 0) return;
    throw file_error("rename_file to '" + to + "' failed:", from, errno);
}

}  // namespace

const char* to_string(file_type type) noexcept {
    switch (type) {
        case file_type::regular: return "regular file";
        case file_type::directory: return "directory";
        case file_type::symlink: return "symbolic link";
        case file_type::fifo: return "named pipe";
        case file_type::socket: return "socket";
        case file_type::character_device: return "character device";
        case file_type::block_device: return "block device";
        case file_type::unknown: break;
    }
    return "unknown";
}

file_info::file_info(const struct ::stat& system) noexcept
    : type_(type_of_mode(system.st_mode)),
      permissions_(system.st_mode & 07777),
      owner_(system.st_uid),
      group_(system.st_gid),
      size_(static_cast<std::uint64_t>(system.st_size)),
      links_(system.st_nlink),
      device_(system.st_dev),
      inode_(system.st_ino),
      modified_(std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::seconds(system.st_mtim.tv_sec) + std::chrono::nanoseconds(system.st_mtim.tv_nsec))) {}

thread_operation<file_info> stat_file(std::string path, symlinks how, const source_location& where) {
    return thread_verb("stat_file", where, &stat_now, std::move(path), how);
}

thread_operation<bool> file_exists(std::string path, const source_location& where) {
    return thread_verb("file_exists", where, &exists_now, std::move(path));
}

thread_operation<void> remove_file(std::string path, const source_location& where) {
    return thread_verb("remove_file", where, &remove_file_now, std::move(path));
}

thread_operation<void> rename_file(std::string from, std::string to, const source_location& where) {
    return thread_verb("rename_file", where, &rename_now, std::move(from), std::move(to));
}

}  // namespace brio::inline v0
