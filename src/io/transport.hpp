// SPDX-License-Identifier: BSL-1.0
// transport: a connected byte stream, plain or TLS, and the operations on it.
#pragma once

#include "io/io_operation.hpp"

#include <brio/core/config.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace brio::inline v0::detail {

/// Implemented by `socket` and by TLS. One read and one write may be under way at the same time.
class BRIO_API transport {
public:
    virtual ~transport();
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;

    /// Reads what is there without waiting: false when that cannot be said or nothing is there.
    virtual bool try_read(void* data, std::size_t size, io_result& result) noexcept = 0;
    /// Writes what fits without waiting: false when nothing could be written.
    virtual bool try_write(std::string_view data, io_result& result) noexcept = 0;
    virtual void start_read(void* data, std::size_t size, io_operation::handler_type handler) = 0;
    virtual void start_write(std::string_view data, io_operation::handler_type handler) = 0;
    /// Aborts what is under way.
    virtual void cancel() noexcept = 0;
    /// Closes at once, without any goodbye.
    virtual void close() noexcept = 0;
    /// Idle: nothing has arrived, and the peer has not closed.
    [[nodiscard]] virtual bool is_quiet() noexcept = 0;

protected:
    transport() noexcept = default;
};

/// Reads at least one byte; `asio::error::eof` at the end. `eager` looks at the socket first.
class BRIO_API read_operation final : public io_operation {
public:
    read_operation(transport& source, void* data, std::size_t size, time_point deadline, bool eager) noexcept
        : io_operation(deadline), source_(source), data_(data), size_(size), eager_(eager) {}

    bool ready() noexcept { return eager_ && source_.try_read(data_, size_, result_); }
    [[nodiscard]] const char* describe() const noexcept override { return "a read from the network"; }

private:
    void start() override { source_.start_read(data_, size_, handler()); }
    void abort() noexcept override { source_.cancel(); }

    transport& source_;
    void* data_;
    std::size_t size_;
    bool eager_;
};

/// Writes all of `data`, which must stay where it is; `bytes` of the result says how much of it was written.
class BRIO_API write_operation final : public io_operation {
public:
    write_operation(transport& target, std::string_view data, time_point deadline) noexcept
        : io_operation(deadline), target_(target), left_(data) {}

    bool ready() noexcept;
    [[nodiscard]] const char* describe() const noexcept override { return "a write to the network"; }

private:
    void start() override { target_.start_write(left_, handler()); }
    void abort() noexcept override { target_.cancel(); }
    bool finished(const boost::system::error_code& ec, std::size_t bytes) override;

    transport& target_;
    std::string_view left_;
    std::size_t written_ = 0;
};

}  // namespace brio::inline v0::detail
