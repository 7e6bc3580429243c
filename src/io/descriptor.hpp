// SPDX-License-Identifier: BSL-1.0
// descriptor: one end of a pipe, a FIFO, a terminal or another file that can be waited for, as a transport.
#pragma once

#include "io/transport.hpp"

#include <brio/core/config.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <cstdint>
#include <memory>

namespace brio::inline v0::detail {

enum class direction : std::uint8_t { read, write, both };

class BRIO_API descriptor final : public transport {
public:
    descriptor(boost::asio::io_context& context, direction way) : core_(std::make_shared<core>(context)), way_(way) {}
    ~descriptor() override;

    /// Takes over `fd`, which is closed when this fails, too: non-blocking and close-on-exec from now on.
    [[nodiscard]] boost::system::error_code adopt(int fd);

    bool try_read(void* data, std::size_t size, io_result& result) noexcept override;
    bool try_write(std::string_view data, io_result& result) noexcept override;
    void start_read(void* data, std::size_t size, io_handler handler) override;
    void start_write(std::string_view data, io_handler handler) override;
    void cancel() noexcept override;
    void close() noexcept override;
    [[nodiscard]] bool is_quiet() noexcept override;
    [[nodiscard]] int native_handle() noexcept override { return core_->fd(); }
    [[nodiscard]] bool is_readable() const noexcept override { return way_ != direction::write; }
    [[nodiscard]] bool is_writable() const noexcept override { return way_ != direction::read; }
    /// Closing is all that a pipe has; a terminal that is read as well stays open for that.
    [[nodiscard]] bool can_write_eof() const noexcept override { return way_ == direction::write; }
    [[nodiscard]] boost::system::error_code write_eof() noexcept override;
    [[nodiscard]] bool is_broken() noexcept override;
    [[nodiscard]] bool can_watch() const noexcept override { return way_ == direction::write; }
    void start_watch(io_handler handler) override;

private:
    // Shared with what waits, which may outlive the transport on an io_context of the user's.
    struct core {
        explicit core(boost::asio::io_context& context) : file(context) {}
        [[nodiscard]] int fd() noexcept { return file.is_open() ? file.native_handle() : -1; }
        bool write(std::string_view data, io_result& result) noexcept;
        boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> file;
        bool is_terminal = false;
    };
    static void write_when_possible(std::shared_ptr<core> on, std::string_view data, io_handler handler);

    std::shared_ptr<core> core_;
    direction way_;
};

/// A transport over whatever `fd` is: a socket is treated as one. Takes `fd` over, whatever happens. Throws
/// std::system_error.
[[nodiscard]] BRIO_API std::unique_ptr<transport> make_transport(boost::asio::io_context& context, int fd, direction way);

}  // namespace brio::inline v0::detail
