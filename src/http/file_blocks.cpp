// SPDX-License-Identifier: BSL-1.0
// open, fstat, read.
#include "file_blocks.hpp"

#include <brio/http/error.hpp>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace brio::inline v0::http::detail {

struct open_file_state {
    explicit open_file_state(std::string name) : path(std::move(name)) {}
    open_file_state(const open_file_state&) = delete;
    open_file_state& operator=(const open_file_state&) = delete;
    ~open_file_state() {
        if (fd >= 0) ::close(fd);
    }

    std::string path;
    int fd = -1;
};

namespace {

constexpr std::size_t block = 256 * 1024;

[[noreturn]] void fail(int code, const char* verb, const std::string& path) {
    throw std::system_error(code, std::generic_category(), std::string("cannot ") + verb + " the file '" + path + "'");
}

void require_regular(const struct stat& info, const std::string& path) {
    if (S_ISREG(info.st_mode)) return;
    throw invalid_request("'" + path + "' is no regular file: its size is not known before it is read; send it by a generator");
}

} // namespace

std::vector<std::uint64_t> sizes_of_files(const std::vector<std::string>& paths) {
    std::vector<std::uint64_t> sizes;
    for (const std::string& path : paths) {
        struct stat info {};
        if (::stat(path.c_str(), &info) != 0) fail(errno, "open", path);
        require_regular(info, path);
        sizes.push_back(static_cast<std::uint64_t>(info.st_size));
    }
    return sizes;
}

std::shared_ptr<open_file_state> open_file(const std::string& path) {
    auto opened = std::make_shared<open_file_state>(path);
    opened->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO put in its place must not block
    if (opened->fd < 0) fail(errno, "open", path);
    struct stat info {};
    if (::fstat(opened->fd, &info) != 0) fail(errno, "read", path);
    require_regular(info, path);
    return opened;
}

std::string read_block(const std::shared_ptr<open_file_state>& from) {
    std::string bytes(block, '\0');
    for (;;) {
        const ssize_t n = ::read(from->fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(errno, "read", from->path);
        bytes.resize(static_cast<std::size_t>(n));
        return bytes;
    }
}

} // namespace brio::inline v0::http::detail
