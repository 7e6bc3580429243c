// SPDX-License-Identifier: BSL-1.0
// connection: one transport with its read buffer, parser and write buffer, all reused from request to
// request.
#pragma once

#include "http/byte_buffer.hpp"
#include "http/linger.hpp"
#include "http/pace_guard.hpp"
#include "http/response_parser.hpp"
#include "io/socket.hpp"
#include "io/transport.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace brio::inline v0::http::detail {

/// Bytes that arrived and were not consumed yet, in one block. The block is as large as the last responses were, so
/// that the next one fits into a single read, and may be handed over with a body in it.
class read_buffer {
public:
    static constexpr std::size_t initial_size = 16 * 1024;
    static constexpr std::size_t most = 256 * 1024;

    read_buffer() noexcept = default;
    read_buffer(const read_buffer&) = delete;
    read_buffer& operator=(const read_buffer&) = delete;
    ~read_buffer();

    [[nodiscard]] std::string_view pending() const noexcept { return {data_ + begin_, end_ - begin_}; }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
    void consume(std::size_t n) noexcept;
    /// Room to read into, at least half of the block.
    [[nodiscard]] char* room();
    [[nodiscard]] std::size_t room_size() const noexcept { return capacity_ - end_; }
    /// `n` bytes were read into the room; a full room makes the next one larger.
    void filled(std::size_t n) noexcept;
    /// The last read took all it was given: there may be more.
    [[nodiscard]] bool was_full() const noexcept { return was_full_; }
    /// A whole response of about that size came by: the next one may be like it.
    void expect(std::uint64_t size) noexcept;
    /// Gives everything pending away; without a copy when that fills a good part of the block.
    [[nodiscard]] byte_buffer take_pending();
    /// The connection goes idle: the block is given back.
    void release() noexcept;

private:
    void grow(std::size_t capacity);

    char* data_ = nullptr;  // from std::malloc
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t expected_ = initial_size;
    bool was_full_ = false;
};

/// How long the steps of opening a connection took.
struct opening_times {
    std::chrono::steady_clock::duration resolve{};
    std::chrono::steady_clock::duration connect{};
    std::chrono::steady_clock::duration proxy{};
    std::chrono::steady_clock::duration tls{};
};

class connection {
public:
    explicit connection(std::unique_ptr<brio::detail::transport> stream) noexcept : io(std::move(stream)) {}

    std::unique_ptr<brio::detail::transport> io;
    response_parser parser;
    read_buffer input;
    std::string output;
    opening_times opening;
    pace_guard pace;
    linger lingering;
    bool accepts_truncation = false;
    bool ended = false;                            // the peer has said that nothing more comes
    boost::system::error_code broken;              // what the system has said once, and never again
    bool unreadable = false;                       // ... to somebody who read
    bool last = false;                             // the request asks the server to close
    bool cut = false;                              // the body of the request was not sent to its end
    std::size_t served = 0;                        // requests before this one
    std::optional<std::chrono::seconds> idle_hint; // how long the server says it keeps the connection

    /// The response is read and the connection may serve another request.
    [[nodiscard]] bool is_reusable() const noexcept { return !cut && parser.reusable(input.pending().size()); }
    /// A read of at most `wanted` bytes brought `got`.
    void note_read(std::size_t got, std::size_t wanted) noexcept;
    /// Nothing has arrived that nobody asked for, and the peer is still there.
    [[nodiscard]] bool is_fresh() noexcept;
    /// What one write has done with a whole request of `size` bytes; nothing is known of one that went out in another way.
    void note_request(std::size_t size, std::size_t sent) noexcept {
        request_size_ = size;
        unsent_ = size > 0 && sent == 0;
    }
    /// The peer has certainly not seen that request: it had gone before, or had ended before anything of it arrived.
    [[nodiscard]] bool is_unseen() noexcept;
    /// The peer may be silent for so long (0 or less: for ever): beyond a minute, TCP's keep-alive finds out that it has gone.
    void may_be_silent(std::chrono::steady_clock::duration most) noexcept {
        const bool long_enough = most <= most.zero() || most > brio::detail::keep_alive_idle;
        if (long_enough && !std::exchange(probed_, true)) brio::detail::set_keep_alive(io->native_handle());
    }

private:
    std::chrono::steady_clock::time_point emptied_;
    std::size_t request_size_ = 0;
    bool unsent_ = false;
    bool probed_ = false;
};

} // namespace brio::inline v0::http::detail
