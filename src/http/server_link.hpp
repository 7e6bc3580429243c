// SPDX-License-Identifier: BSL-1.0
// server_link: the connection to one client: bytes in both directions, with limits for slow clients.
#pragma once

#include "http/connection.hpp"
#include "http/rate_guard.hpp"
#include "io/stream_state.hpp"
#include "io/transport.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/error.hpp>
#include <brio/io/stream.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// The client has ended the connection, or it broke.
class client_gone final : public connection_lost {
public:
    explicit client_gone(const std::string& why) : connection_lost(phase::body, "the client has gone: " + why) {}
};

/// Reads and writes past the stream's own buffers, which stay empty until `take()`.
class server_link {
public:
    using time_point = brio::detail::time_point;

    explicit server_link(stream client)
        : stream_(std::move(client)), io_(brio::detail::stream_access::state(stream_)->over()) {}

    /// What has come and was not used yet.
    read_buffer input;

    /// Reads into the room of `input`; tell it by `input.filled()`.
    [[nodiscard]] brio::detail::read_operation read(time_point deadline) {
        const bool eager = input.was_full();  // else the socket is empty: Asio looks once more by itself
        char* const room = input.room();
        return {*io_, room, input.room_size(), deadline, eager};
    }
    /// The same, as patient as `pace` says. Throws client_gone, timeout.
    awaitable<> read_more(rate_guard& pace);
    /// Sends all of it. Throws client_gone, timeout: then, and after cancellation, nothing more can be sent and only `abort()` is left.
    awaitable<> send(std::string_view bytes, rate_guard& pace);
    /// Sends `count` bytes of a file. Throws the same, and connection_lost when the file has become shorter.
    awaitable<> send_file(std::shared_ptr<const unique_descriptor> file, std::uint64_t offset, std::uint64_t count, rate_guard& pace);

    /// Bytes that went out so far.
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
    /// Sending has failed, or was given up.
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }
    /// Ends the wait for something to read, with `operation_aborted`.
    void interrupt() noexcept {
        if (io_) io_->cancel();
    }
    /// Ends the connection so that the client notices that something is missing.
    void abort() noexcept { stream_.abort(); }
    /// Closes in such a way that the client still gets what was sent, though it has sent things that nobody has read: the
    /// system would reset the connection otherwise.
    awaitable<> linger();
    /// Something has come that nobody has read.
    [[nodiscard]] bool has_unread() noexcept { return !input.empty() || (io_ && !io_->is_quiet()); }
    /// The stream, with what is in `input`.
    [[nodiscard]] stream take();
    [[nodiscard]] const stream& as_stream() const noexcept { return stream_; }

private:
    /// Sends what the system takes.
    class write_some_operation final : public brio::detail::io_operation {
    public:
        write_some_operation(brio::detail::transport& target, std::string_view data, time_point deadline) noexcept
            : io_operation(deadline), target_(target), data_(data) {}
        bool ready() noexcept { return target_.try_write(data_, result_); }
        [[nodiscard]] const char* describe() const noexcept override { return "a write to a client"; }

    private:
        void start() override { target_.start_write(data_, handler()); }
        void abort() noexcept override { target_.cancel(); }
        brio::detail::transport& target_;
        std::string_view data_;
    };
    class writable_operation final : public brio::detail::io_operation {
    public:
        writable_operation(brio::detail::transport& target, time_point deadline) noexcept : io_operation(deadline), target_(target) {}
        static bool ready() noexcept { return false; }
        [[nodiscard]] const char* describe() const noexcept override { return "a client that takes a file"; }

    private:
        void start() override { target_.start_wait_writable(handler()); }
        void abort() noexcept override { target_.cancel(); }
        brio::detail::transport& target_;
    };

    enum class progress : unsigned char { some, end, full, unable };
    progress send_directly(int file, std::uint64_t& offset, std::uint64_t& left, rate_guard& pace);
    awaitable<> send_copies(std::shared_ptr<const unique_descriptor> file, std::uint64_t offset, std::uint64_t left, rate_guard& pace);

    stream stream_;
    brio::detail::transport* io_;
    std::uint64_t sent_ = 0;
    bool broken_ = false;
};

/// A point in time, `patience` from the beginning of this turn on.
[[nodiscard]] brio::detail::time_point wait_until(std::chrono::steady_clock::duration patience);

}  // namespace brio::inline v0::http::detail
