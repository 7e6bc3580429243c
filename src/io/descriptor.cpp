// SPDX-License-Identifier: BSL-1.0
// Reading and writing descriptors without SIGPIPE.
#include "io/descriptor.hpp"

#include "io/io_error.hpp"
#include "io/last_error.hpp"
#include "io/quiet_write.hpp"
#include "io/socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace brio::inline v0::detail {

namespace {

bool has_event(int fd, short events, short wanted) noexcept {
    pollfd look{fd, events, 0};
    return ::poll(&look, 1, 0) == 1 && (look.revents & wanted) != 0;
}

}  // namespace

descriptor::~descriptor() { close(); }

boost::system::error_code descriptor::adopt(int fd) {
    boost::system::error_code ec;
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) ec = last_error();
    if (!ec) core_->file.assign(fd, ec);
    if (!ec) core_->file.non_blocking(true, ec);
    if (ec) {
        if (!core_->file.is_open()) ::close(fd);
        close();
        return ec;
    }
    core_->is_terminal = ::isatty(fd) == 1;
    return {};
}

bool descriptor::try_read(void* data, std::size_t size, io_result& result) noexcept {
    const ssize_t n = ::read(core_->fd(), data, size);
    if (n > 0) {
        result = io_result{{}, static_cast<std::size_t>(n)};
    } else if (n == 0 || (errno == EIO && core_->is_terminal)) {  // the other side of a pseudo-terminal has gone
        result = io_result{boost::asio::error::eof, 0};
    } else {
        if (would_block()) return false;
        result = io_result{last_error(), 0};
    }
    return true;
}

bool descriptor::core::write(std::string_view data, io_result& result) noexcept {
    const ssize_t n = write_quietly(fd(), data.data(), data.size());
    if (n < 0) {
        if (would_block()) return false;
        result = io_result{last_error(), 0};
    } else {
        result = io_result{{}, static_cast<std::size_t>(n)};
    }
    return true;
}

bool descriptor::try_write(std::string_view data, io_result& result) noexcept { return core_->write(data, result); }

void descriptor::start_read(void* data, std::size_t size, io_handler handler) {
    if (!core_->is_terminal) return core_->file.async_read_some(boost::asio::buffer(data, size), std::move(handler));
    core_->file.async_read_some(boost::asio::buffer(data, size),
                                [h = std::move(handler)](boost::system::error_code ec, std::size_t n) mutable {
                                    if (ec == boost::system::errc::io_error) ec = boost::asio::error::eof;
                                    h(ec, n);
                                });
}

// Asio's own write would raise SIGPIPE.
void descriptor::start_write(std::string_view data, io_handler handler) { write_when_possible(core_, data, std::move(handler)); }

void descriptor::write_when_possible(std::shared_ptr<core> on, std::string_view data, io_handler handler) {
    auto& file = on->file;
    file.async_wait(boost::asio::posix::descriptor_base::wait_write,
                    [on = std::move(on), data, h = std::move(handler)](boost::system::error_code ec) mutable {
                        io_result step;
                        if (!ec && !on->file.is_open()) ec = boost::asio::error::operation_aborted;
                        if (!ec && !on->write(data, step)) return write_when_possible(std::move(on), data, std::move(h));
                        h(ec ? ec : step.ec, step.bytes);
                    });
}

void descriptor::start_watch(io_handler handler) {
    core_->file.async_wait(boost::asio::posix::descriptor_base::wait_error,
                           [h = std::move(handler)](const boost::system::error_code& ec) mutable { h(ec); });
}

boost::system::error_code descriptor::write_eof() noexcept {
    close();
    return {};
}

void descriptor::cancel() noexcept {
    boost::system::error_code ignored;
    core_->file.cancel(ignored);
}

void descriptor::close() noexcept {
    boost::system::error_code ignored;
    core_->file.close(ignored);
}

bool descriptor::is_quiet() noexcept { return core_->file.is_open() && !has_event(core_->fd(), POLLIN, POLLIN | POLLHUP | POLLERR); }

bool descriptor::is_broken() noexcept {
    return way_ == direction::write && core_->file.is_open() && has_event(core_->fd(), 0, POLLERR);
}

std::unique_ptr<transport> make_transport(boost::asio::io_context& context, int fd, direction way) {
    struct stat info{};
    if (::fstat(fd, &info) != 0) throw make_system_error(last_error(), "cannot make a stream of descriptor " + std::to_string(fd));
    boost::system::error_code ec;
    if (S_ISSOCK(info.st_mode)) {
        sockaddr_storage own{};
        socklen_t size = sizeof own;
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        auto made = std::make_unique<socket>(context);
        ec = made->adopt(fd, own.ss_family);
        if (!ec) return made;
    } else {
        auto made = std::make_unique<descriptor>(context, way);
        ec = made->adopt(fd);
        if (!ec) return made;
    }
    throw make_system_error(ec, "cannot make a stream of descriptor " + std::to_string(fd));
}

}  // namespace brio::inline v0::detail
