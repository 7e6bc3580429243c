// SPDX-License-Identifier: BSL-1.0
// System calls and Asio operations of a stream socket.
#include "io/socket.hpp"

#include "io/last_error.hpp"
#include "io/socket_setup.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace brio::inline v0::detail {

namespace {

void set_option(int descriptor, int level, int name, int value) noexcept {
    if (::setsockopt(descriptor, level, name, &value, sizeof value) != 0) {}  // a Unix socket has no such option
}

}  // namespace

void set_keep_alive(int descriptor) noexcept {
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(keep_alive_idle.count()));
}

socket::~socket() { close(); }

boost::system::error_code socket::open(int family) {
    const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return descriptor < 0 ? last_error() : adopt(descriptor, family);
}

boost::system::error_code socket::adopt(int descriptor, int family) {
    boost::system::error_code ec;
    socket_.assign(boost::asio::generic::stream_protocol(family, 0), descriptor, ec);
    if (ec) {
        ::close(descriptor);
        return ec;
    }
    socket_.non_blocking(true, ec);  // Asio's synchronous calls do not wait either
    if (ec) close();
    return ec;
}

std::optional<boost::system::error_code> socket::start_connect(const endpoint& peer) noexcept {
    const auto size = static_cast<socklen_t>(peer.size());
    if (::connect(socket_.native_handle(), peer.data(), size) == 0) return boost::system::error_code();
    if (errno != EINPROGRESS && errno != EINTR) return last_error();
    return connect_result();
}

std::optional<boost::system::error_code> socket::connect_result() noexcept {
    const std::optional<int> outcome = connect_outcome(socket_.native_handle());
    if (!outcome) return std::nullopt;
    return boost::system::error_code(*outcome, boost::system::system_category());
}

void connect_operation::start() {
    if (const auto ended = socket_.start_connect(peer_)) {
        end_at_once(*ended);
    } else {
        socket_.start_wait_writable(handler());
    }
}

bool connect_operation::finished(const boost::system::error_code& ec, std::size_t) {
    const std::optional<boost::system::error_code> ended = ec ? ec : socket_.connect_result();
    if (ended) return finish_now(*ended, 0);
    if (is_interrupted()) return finish_now(boost::asio::error::operation_aborted, 0);
    socket_.start_wait_writable(handler());
    return false;
}

void socket::set_no_delay() noexcept { set_option(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, 1); }

bool socket::try_read(void* data, std::size_t size, io_result& result) noexcept {
    const ssize_t n = ::recv(socket_.native_handle(), data, size, MSG_DONTWAIT);
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

bool socket::try_write(std::string_view data, io_result& result) noexcept {
    const ssize_t n = ::send(socket_.native_handle(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
        if (would_block()) return false;
        result = io_result{last_error(), 0};
    } else {
        result = io_result{{}, static_cast<std::size_t>(n)};
    }
    return true;
}

void socket::start_read(void* data, std::size_t size, io_handler handler) {
    socket_.async_read_some(boost::asio::buffer(data, size), std::move(handler));
}

void socket::start_write(std::string_view data, io_handler handler) {
    socket_.async_write_some(boost::asio::buffer(data.data(), data.size()), std::move(handler));
}

void socket::start_wait_writable(io_handler handler) {
    socket_.async_wait(boost::asio::socket_base::wait_write, std::move(handler));
}

boost::system::error_code socket::write_eof() noexcept {
    boost::system::error_code ec;
    socket_.shutdown(boost::asio::socket_base::shutdown_send, ec);
    return ec;
}

void socket::cancel() noexcept {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void socket::close() noexcept {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

bool socket::is_quiet() noexcept {
    char probe = 0;
    return ::recv(socket_.native_handle(), &probe, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && would_block();
}

}  // namespace brio::inline v0::detail
