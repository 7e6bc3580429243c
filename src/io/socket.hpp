// SPDX-License-Identifier: BSL-1.0
// socket: a TCP or Unix stream socket, close-on-exec and non-blocking from birth.
#pragma once

#include "io/io_operation.hpp"
#include "io/transport.hpp"

#include <brio/core/config.hpp>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <optional>

namespace brio::inline v0::detail {

using native_socket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;
using endpoint = boost::asio::generic::stream_protocol::endpoint;

/// Has the system ask a peer that has been silent for a minute whether it is still there.
BRIO_API void set_keep_alive(int descriptor) noexcept;
constexpr std::chrono::seconds keep_alive_idle{60};

class BRIO_API socket : public transport {
public:
    explicit socket(boost::asio::io_context& context) : socket_(context) {}
    ~socket() override;

    /// Makes the descriptor for an address family (AF_INET, AF_INET6, AF_UNIX).
    [[nodiscard]] boost::system::error_code open(int family);
    /// Takes over a connected descriptor.
    [[nodiscard]] boost::system::error_code adopt(int descriptor, int family);
    /// How it ended, if it has: a peer on this machine answers at once, and a Unix socket never later. Otherwise
    /// `connect_result` is to be asked when the socket can be written.
    [[nodiscard]] std::optional<boost::system::error_code> start_connect(const endpoint& peer) noexcept;
    [[nodiscard]] std::optional<boost::system::error_code> connect_result() noexcept;
    void set_no_delay() noexcept;
    void set_keep_alive() noexcept { detail::set_keep_alive(native_handle()); }

    bool try_read(void* data, std::size_t size, io_result& result) noexcept override;
    bool try_write(std::string_view data, io_result& result) noexcept override;
    void start_read(void* data, std::size_t size, io_handler handler) override;
    void start_write(std::string_view data, io_handler handler) override;
    void cancel() noexcept override;
    void close() noexcept override;
    [[nodiscard]] bool was_emptied() const noexcept override { return true; }
    [[nodiscard]] bool is_quiet() noexcept override;
    [[nodiscard]] int native_handle() noexcept override { return socket_.is_open() ? socket_.native_handle() : -1; }
    [[nodiscard]] bool can_write_eof() const noexcept override { return true; }
    [[nodiscard]] boost::system::error_code write_eof() noexcept override;
    [[nodiscard]] bool is_direct() const noexcept override { return true; }
    void start_wait_writable(io_handler handler) override;

    [[nodiscard]] native_socket& native() noexcept { return socket_; }

private:
    native_socket socket_;
};

/// Connects an open socket.
class BRIO_API connect_operation final : public io_operation {
public:
    connect_operation(socket& connecting, const endpoint& peer, time_point deadline) noexcept
        : io_operation(deadline), socket_(connecting), peer_(peer) {}

    static bool ready() noexcept { return false; }
    [[nodiscard]] const char* describe() const noexcept override { return "a connect"; }

private:
    void start() override;
    void abort() noexcept override { socket_.cancel(); }
    bool finished(const boost::system::error_code& ec, std::size_t bytes) override;

    socket& socket_;
    endpoint peer_;
};

}  // namespace brio::inline v0::detail
