// SPDX-License-Identifier: BSL-1.0
// Descriptors 0 to 2 as streams.
#include <brio/io/standard_streams.hpp>

#include "io/descriptor.hpp"
#include "io/io_error.hpp"
#include "io/shared_descriptor.hpp"
#include "io/stream_state.hpp"

#include <brio/core/loop.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace brio::inline v0 {

namespace {

constexpr const char* names[] = {"input", "output", "error"};

// Pipes and terminals can be opened again: that is an open file of our own, which may be non-blocking. Not files, whose
// position belongs to the open file, and not sockets, which cannot.
int reopen(int fd, bool reads) {
    struct stat info{};
    if (::fstat(fd, &info) != 0 || !(S_ISFIFO(info.st_mode) || (S_ISCHR(info.st_mode) && ::isatty(fd) == 1))) return -1;
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    return ::open(path.c_str(), (reads ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

stream connect(int fd, bool reads, std::size_t limit) {
    if (limit == 0) throw std::invalid_argument("the limit of a stream must be at least 1 byte");
    const std::string what = "cannot use descriptor " + std::to_string(fd) + " (standard " + names[fd] + ")";
    boost::asio::io_context& context = get_running_loop().context();
    // Before anything is opened, which would get the number.
    if (::fcntl(fd, F_GETFD) < 0) throw std::system_error(errno, std::system_category(), what);
    if (const int own = reopen(fd, reads); own >= 0) {
        auto made = std::make_unique<detail::descriptor>(context, reads ? detail::direction::read : detail::direction::write);
        if (!made->adopt(own)) return detail::stream_access::make(std::move(made), limit);
    }
    auto made = std::make_unique<detail::shared_descriptor>(context, reads);
    if (const boost::system::error_code ec = made->open(fd)) throw detail::make_system_error(ec, what);
    return detail::stream_access::make(std::move(made), limit);
}

}  // namespace

stream standard_input(std::size_t limit) { return connect(STDIN_FILENO, true, limit); }
stream standard_output() { return connect(STDOUT_FILENO, false, stream::default_limit); }
stream standard_error() { return connect(STDERR_FILENO, false, stream::default_limit); }

}  // namespace brio::inline v0
