// SPDX-License-Identifier: BSL-1.0
// shared_descriptor: a descriptor that other processes have as well, as a transport that does not make it non-blocking.
#pragma once

#include "io/transport.hpp"

#include <brio/core/config.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <memory>
#include <string_view>

namespace brio::inline v0::detail {

/// O_NONBLOCK belongs to the open file, which the shell and its other children have as well. So this one only looks: it
/// waits by an epoll descriptor of its own, and reads or writes what will not block. Files and whatever else cannot be waited
/// for are always ready.
class BRIO_API shared_descriptor final : public transport {
public:
    shared_descriptor(boost::asio::io_context& context, bool reads);
    ~shared_descriptor() override;

    /// Uses a duplicate of `fd`.
    [[nodiscard]] boost::system::error_code open(int fd);

    bool try_read(void* data, std::size_t size, io_result& result) noexcept override;
    bool try_write(std::string_view data, io_result& result) noexcept override;
    void start_read(void* data, std::size_t size, io_handler handler) override;
    void start_write(std::string_view data, io_handler handler) override;
    void cancel() noexcept override;
    void close() noexcept override;
    [[nodiscard]] bool is_quiet() noexcept override;
    [[nodiscard]] int native_handle() noexcept override { return core_->fd; }
    [[nodiscard]] bool is_readable() const noexcept override { return reads_; }
    [[nodiscard]] bool is_writable() const noexcept override { return !reads_; }

private:
    using watch_type = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

    // Shared with what waits, which may outlive the transport.
    struct core {
        explicit core(boost::asio::io_context& on) : context(on), watch(on) {}
        [[nodiscard]] bool is_ready(short event) const noexcept;
        bool read(void* data, std::size_t size, io_result& result) noexcept;
        bool write(std::string_view data, io_result& result) noexcept;
        boost::asio::io_context& context;
        watch_type watch;  // an epoll descriptor that has `fd` in it
        int fd = -1;
        bool is_socket = false;
        bool is_waitable = true;
    };
    template <class Step>
    static void when_ready(std::shared_ptr<core> on, Step step, io_handler handler);

    std::shared_ptr<core> core_;
    bool reads_;
};

}  // namespace brio::inline v0::detail
