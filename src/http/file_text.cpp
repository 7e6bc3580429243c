// SPDX-License-Identifier: BSL-1.0
// File access by system calls.
#include "file_text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace brio::inline v0::http::detail {

namespace {

[[noreturn]] void fail(int code, const std::string& verb, const char* what, const std::string& path) {
    throw std::system_error(code, std::generic_category(), "cannot " + verb + " the " + what + " '" + path + "'");
}

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() { close(); }
    [[nodiscard]] int get() const noexcept { return fd_; }
    bool close() noexcept {
        const int fd = fd_;
        fd_ = -1;
        return fd < 0 || ::close(fd) == 0;
    }

private:
    int fd_;
};

bool write_all(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

} // namespace

std::string read_file(const std::string& path, std::size_t most, const char* what) {
    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) fail(errno, "open", what, path);
    std::string text;
    for (;;) {
        const std::size_t old = text.size();
        text.resize(old + 64 * 1024);
        const ssize_t n = ::read(file.get(), text.data() + old, text.size() - old);
        const int code = errno;
        text.resize(old + static_cast<std::size_t>(n > 0 ? n : 0));
        if (n < 0 && code == EINTR) continue;
        if (n < 0) fail(code, "read", what, path);
        if (text.size() > most) fail(EFBIG, "read", what, path);
        if (n == 0) return text;
    }
}

void replace_file(const std::string& path, std::string_view text, const char* what) {
    std::string fresh = path + ".XXXXXX";
    descriptor file(::mkostemp(fresh.data(), O_CLOEXEC)); // with mode 0600
    if (file.get() < 0) fail(errno, "write", what, path);
    if (write_all(file.get(), text) && ::fsync(file.get()) == 0 && file.close() &&
        std::rename(fresh.c_str(), path.c_str()) == 0) {
        return;
    }
    const int code = errno;
    ::unlink(fresh.c_str());
    fail(code, "write", what, path);
}

} // namespace brio::inline v0::http::detail
