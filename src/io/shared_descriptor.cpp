// SPDX-License-Identifier: BSL-1.0
// Reading and writing what is shared with other processes.
#include "io/shared_descriptor.hpp"

#include "io/last_error.hpp"
#include "io/quiet_write.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace brio::inline v0::detail {

shared_descriptor::shared_descriptor(boost::asio::io_context& context, bool reads)
    : core_(std::make_shared<core>(context)), reads_(reads) {}

shared_descriptor::~shared_descriptor() { close(); }

boost::system::error_code shared_descriptor::open(int fd) {
    struct stat info{};
    if (::fstat(fd, &info) != 0) return last_error();
    core_->fd = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (core_->fd < 0) return last_error();
    core_->is_socket = S_ISSOCK(info.st_mode);
    const int watch = ::epoll_create1(EPOLL_CLOEXEC);
    boost::system::error_code ec;
    if (watch < 0) return last_error();
    epoll_event event{};
    event.events = reads_ ? EPOLLIN : EPOLLOUT;
    if (::epoll_ctl(watch, EPOLL_CTL_ADD, core_->fd, &event) != 0) {
        core_->is_waitable = false;  // a file
        ::close(watch);
        return {};
    }
    core_->watch.assign(watch, ec);
    if (ec) ::close(watch);
    return ec;
}

bool shared_descriptor::core::is_ready(short event) const noexcept {
    if (!is_waitable) return true;
    pollfd look{fd, event, 0};
    return ::poll(&look, 1, 0) == 1;
}

bool shared_descriptor::core::read(void* data, std::size_t size, io_result& result) noexcept {
    if (!is_ready(POLLIN)) return false;
    const ssize_t n = is_socket ? ::recv(fd, data, size, MSG_DONTWAIT) : ::read(fd, data, size);
    if (n < 0) {
        if (would_block()) return false;
        result = io_result{last_error(), 0};
    } else if (n == 0) {
        result = io_result{boost::asio::error::eof, 0};
    } else {
        result = io_result{{}, static_cast<std::size_t>(n)};
    }
    return true;
}

// A pipe that is ready takes PIPE_BUF bytes.
bool shared_descriptor::core::write(std::string_view data, io_result& result) noexcept {
    result = io_result{};
    while (!data.empty() && is_ready(POLLOUT)) {
        const std::size_t most = is_waitable ? std::min<std::size_t>(data.size(), PIPE_BUF) : data.size();
        const ssize_t n = is_socket ? ::send(fd, data.data(), most, MSG_DONTWAIT | MSG_NOSIGNAL) : write_quietly(fd, data.data(), most);
        if (n < 0) {
            if (would_block()) break;
            result.ec = last_error();
            return true;
        }
        result.bytes += static_cast<std::size_t>(n);
        data.remove_prefix(static_cast<std::size_t>(n));
    }
    return result.bytes > 0;
}

bool shared_descriptor::try_read(void* data, std::size_t size, io_result& result) noexcept {
    return core_->read(data, size, result);
}

bool shared_descriptor::try_write(std::string_view data, io_result& result) noexcept { return core_->write(data, result); }

template <class Step>
void shared_descriptor::when_ready(std::shared_ptr<core> on, Step step, io_handler handler) {
    io_result done;
    if (step(*on, done)) {
        boost::asio::post(on->context, [h = std::move(handler), done]() mutable { h(done.ec, done.bytes); });
        return;
    }
    watch_type& watch = on->watch;
    watch.async_wait(watch_type::wait_read,
                     [on = std::move(on), step, h = std::move(handler)](boost::system::error_code ec) mutable {
                         if (!ec && on->fd < 0) ec = boost::asio::error::operation_aborted;
                         if (ec) return h(ec);
                         when_ready(std::move(on), step, std::move(h));
                     });
}

void shared_descriptor::start_read(void* data, std::size_t size, io_handler handler) {
    const auto step = [data, size](core& on, io_result& result) { return on.read(data, size, result); };
    when_ready(core_, step, std::move(handler));
}

void shared_descriptor::start_write(std::string_view data, io_handler handler) {
    const auto step = [data](core& on, io_result& result) { return on.write(data, result); };
    when_ready(core_, step, std::move(handler));
}

void shared_descriptor::cancel() noexcept {
    boost::system::error_code ignored;
    core_->watch.cancel(ignored);
}

void shared_descriptor::close() noexcept {
    boost::system::error_code ignored;
    core_->watch.close(ignored);
    if (core_->fd >= 0) ::close(std::exchange(core_->fd, -1));
}

bool shared_descriptor::is_quiet() noexcept { return core_->fd >= 0 && core_->is_waitable && !core_->is_ready(POLLIN); }

}  // namespace brio::inline v0::detail
