// SPDX-License-Identifier: BSL-1.0
// transport: a connected byte stream, over a socket, a descriptor or TLS, and the operations on it.
#pragma once

#include "io/io_operation.hpp"

#include <brio/core/config.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace brio::inline v0::detail {

/// Implemented by `socket`, by `pipe` and by TLS. One read and one write may be under way at the same time. What is started
/// completes through the io_context, never inside of the call that starts it.
class BRIO_API transport {
public:
    virtual ~transport();
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;

    /// Reads what is there without waiting: false when that cannot be said or nothing is there.
    virtual bool try_read(void* data, std::size_t size, io_result& result) noexcept = 0;
    /// Writes what fits without waiting: false when nothing could be written.
    virtual bool try_write(std::string_view data, io_result& result) noexcept = 0;
    virtual void start_read(void* data, std::size_t size, io_handler handler) = 0;
    virtual void start_write(std::string_view data, io_handler handler) = 0;
    /// Aborts what is under way: it completes with operation_aborted, or with what it had done already. No byte is lost.
    virtual void cancel() noexcept = 0;
    /// Closes at once, without any goodbye.
    virtual void close() noexcept = 0;
    /// After a read that brought less than it was asked for: certainly nothing more had arrived.
    [[nodiscard]] virtual bool was_emptied() const noexcept { return false; }
    /// Idle: nothing has arrived, and the peer has not closed.
    [[nodiscard]] virtual bool is_quiet() noexcept = 0;

    /// The descriptor underneath, -1 once it is closed.
    [[nodiscard]] virtual int native_handle() noexcept { return -1; }
    [[nodiscard]] virtual bool is_readable() const noexcept { return true; }
    [[nodiscard]] virtual bool is_writable() const noexcept { return true; }
    /// Whether the peer can be told that nothing more comes while it may still send.
    [[nodiscard]] virtual bool can_write_eof() const noexcept { return false; }
    /// Tells it; everything has been written.
    [[nodiscard]] virtual boost::system::error_code write_eof() noexcept;
    /// Whether a goodbye belongs before `close()`: TLS.
    [[nodiscard]] virtual bool has_goodbye() const noexcept { return false; }
    /// Says goodbye; everything has been written.
    virtual void start_goodbye(io_handler) {}
    /// Whether the system may send a file into the descriptor, past this object.
    [[nodiscard]] virtual bool is_direct() const noexcept { return false; }
    /// Completes when a write is likely to succeed; for those that are direct.
    virtual void start_wait_writable(io_handler) {}
    /// `ec` as an exception; `what` says what failed, with whom.
    [[nodiscard]] virtual std::exception_ptr explain_failure(const boost::system::error_code& ec, const std::string& what) const;
    /// Looks, without writing, whether a write could still reach a reader.
    [[nodiscard]] virtual bool is_broken() noexcept { return false; }
    /// Whether that can be waited for ...
    [[nodiscard]] virtual bool can_watch() const noexcept { return false; }
    /// ... by this, which completes without an error when something has happened.
    virtual void start_watch(io_handler) {}

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
