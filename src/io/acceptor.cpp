// SPDX-License-Identifier: BSL-1.0
// Listening and accepting.
#include "io/acceptor.hpp"

#include <boost/asio/error.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace brio::inline v0::detail {

namespace ip = boost::asio::ip;

void acceptor::listen(const std::string& address, std::uint16_t port, int backlog) {
    boost::system::error_code ec;
    const ip::address where = ip::make_address(address, ec);
    const ip::tcp::endpoint local(where, port);
    if (!ec) listening_.open(local.protocol(), ec);
    if (!ec) ::fcntl(listening_.native_handle(), F_SETFD, FD_CLOEXEC);
    if (!ec) listening_.set_option(boost::asio::socket_base::reuse_address(true), ec);
    if (!ec) listening_.bind(local, ec);
    if (!ec) listening_.listen(backlog, ec);
    if (!ec) listening_.non_blocking(true, ec);
    if (ec) {
        close();
        throw std::system_error(ec.value(), std::system_category(),
                                "cannot listen on " + address + " port " + std::to_string(port));
    }
    family_ = where.is_v6() ? AF_INET6 : AF_INET;
}

std::uint16_t acceptor::port() const { return listening_.local_endpoint().port(); }

void acceptor::close() noexcept {
    boost::system::error_code ignored;
    listening_.close(ignored);
}

void acceptor::wait_operation::start() {
    acceptor_.listening_.async_wait(boost::asio::socket_base::wait_read, handler());
}

void acceptor::wait_operation::abort() noexcept {
    boost::system::error_code ignored;
    acceptor_.listening_.cancel(ignored);
}

std::unique_ptr<socket> acceptor::take(boost::asio::io_context& context, boost::system::error_code& ec) {
    const int descriptor = ::accept4(listening_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) {
        ec.assign(errno, boost::system::system_category());
        return nullptr;
    }
    auto peer = std::make_unique<socket>(context);
    ec = peer->adopt(descriptor, family_);
    if (ec) return nullptr;
    peer->set_no_delay();
    return peer;
}

}  // namespace brio::inline v0::detail
