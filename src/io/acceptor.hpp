// SPDX-License-Identifier: BSL-1.0
// acceptor: a listening TCP socket whose connections are close-on-exec and non-blocking from birth.
#pragma once

#include "io/socket.hpp"

#include <brio/core/config.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace brio::inline v0::detail {

class BRIO_API acceptor {
public:
    explicit acceptor(boost::asio::io_context& context) : listening_(context) {}

    /// Listens on a numeric address; port 0 takes a free one. Throws std::system_error.
    void listen(const std::string& address, std::uint16_t port, int backlog);
    [[nodiscard]] std::uint16_t port() const;
    void close() noexcept;

    /// Waits until a connection can be accepted.
    class BRIO_API wait_operation final : public io_operation {
    public:
        explicit wait_operation(acceptor& on) noexcept : io_operation(no_deadline), acceptor_(on) {}
        static bool ready() noexcept { return false; }
        [[nodiscard]] const char* describe() const noexcept override { return "a new connection"; }

    private:
        void start() override;
        void abort() noexcept override;
        acceptor& acceptor_;
    };

    /// Takes a waiting connection: null with would_block when there is none, with another error when that failed.
    [[nodiscard]] std::unique_ptr<socket> take(boost::asio::io_context& context, boost::system::error_code& ec);

private:
    boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type> listening_;
    int family_ = 0;
};

}  // namespace brio::inline v0::detail
