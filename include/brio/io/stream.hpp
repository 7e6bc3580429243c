// SPDX-License-Identifier: BSL-1.0
// stream: bytes in both directions, buffered, over TCP, Unix sockets, pipes, terminals and TLS.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/detail/stream_operation.hpp>
#include <brio/io/address.hpp>
#include <brio/io/error.hpp>
#include <brio/io/tls_context.hpp>
#include <brio/io/tls_options.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0 {

namespace detail {
class stream_access;
}

/// One end of a connection; asyncio's `StreamReader` and `StreamWriter` in one. Movable; it belongs to the loop it was made
/// in and to that loop's thread. `open_connection`, `start_server`, `connect_read_pipe`, subprocesses make streams.
///
/// One task may read while another one writes. Two that read at the same time are an error: the second one gets
/// invalid_state_error. Writes of several tasks follow each other, each of them whole.
///
/// Destroying a stream closes it as `close()` does: what was written before is still sent, in the background, as long as the
/// loop runs.
///
/// **Errors** of the system are std::system_error with the peer's address in the text. An error that a read met (the peer has
/// reset the connection) is thrown by every read from then on, before bytes that are still buffered, and by writes.
class BRIO_API stream {
public:
    static constexpr std::size_t default_limit = 64 * 1024;

    class read_operation;
    class read_until_operation;
    class read_line_operation;
    class next_line_operation;
    class read_into_operation;
    class write_operation;
    class wait_closed_operation;

    /// No stream: everything but assigning to it, `is_open`, `close` and `abort` throws invalid_state_error.
    stream() noexcept = default;
    stream(stream&& other) noexcept = default;
    stream& operator=(stream&& other) noexcept;
    ~stream();

    /// Whether this is a stream at all (a moved-from one is not).
    explicit operator bool() const noexcept { return static_cast<bool>(core_); }

    // Reading. Bytes go through the stream's own buffer: a read that is **cancelled** or timed out at whatever moment has
    // consumed nothing, and the next one finds every byte. A read whose bytes were there when it was cancelled gives them,
    // and the cancel comes at the next suspension. After `close()` reads give what is buffered, then the end.

    /// As soon as there are any bytes: at most `n` of them; empty at the end of the stream. `n < 0`: everything up to the end.
    /// `n == 0`: empty at once. asyncio's `read`.
    read_operation read(std::ptrdiff_t n = -1, const source_location& where = source_location::current());
    /// The same into memory of the caller's, which must stay until this completes: how many bytes came, 0 at the end.
    read_into_operation read_into(void* data, std::size_t size, const source_location& where = source_location::current());
    read_into_operation read_into(std::span<std::byte> data, const source_location& where = source_location::current());
    read_into_operation read_into(std::span<char> data, const source_location& where = source_location::current());
    /// Exactly `n` bytes. Throws incomplete_read_error when the stream ends before. asyncio's `readexactly`.
    read_operation read_exactly(std::size_t n, const source_location& where = source_location::current());

    /// Everything up to and with `separator`; asyncio's `readuntil`. Throws
    ///   * incomplete_read_error when the stream ends first: what has come is in the error;
    ///   * limit_overrun_error when the separator does not begin within the first `limit()` bytes: nothing is consumed;
    ///   * std::invalid_argument when the separator is empty.
    read_until_operation read_until(std::string separator, const source_location& where = source_location::current());
    /// ... up to whichever separator is complete first.
    read_until_operation read_until(std::vector<std::string> separators,
                                    const source_location& where = source_location::current());

    /// The next line with its `\n`; without one when the stream ends in the middle of a line; empty at the end. A line
    /// that is longer than `limit()` throws limit_overrun_error and is dropped, if its end has arrived (the next read finds
    /// the line behind it), else everything that is buffered. asyncio's `readline`.
    read_line_operation read_line(const source_location& where = source_location::current());
    /// The next line without its end (`\n` or `\r\n`), empty-handed at the end of the stream:
    /// `while (auto line = co_await s.next_line()) use(*line);`. Else like `read_line`. asyncio's `async for line in reader`.
    next_line_operation next_line(const source_location& where = source_location::current());

    /// Whether the end has come and everything before it was read. Looks at the connection when nothing is buffered; never
    /// waits.
    [[nodiscard]] bool at_eof();
    /// The longest line or chunk that `read_line` and `read_until` accept.
    [[nodiscard]] std::size_t limit() const;

    // Writing.

    /// Sends all of `data`, which may go once this returns: what the system does not take at once is copied and sent
    /// in the background. **Awaiting** what it gives holds the writer back while too much waits to be sent (asyncio's `drain`):
    /// it completes at once below the high mark, else when the low one is reached. It throws when the connection has
    /// failed. Cancelling it takes nothing back.
    ///
    /// After `close()`, or when the connection has failed, data is dropped; from the fifth time on that is logged.
    /// Throws invalid_state_error after `write_eof()`, and on a stream that is for reading only.
    write_operation write(std::string_view data, const source_location& where = source_location::current());
    write_operation write(std::span<const std::byte> data, const source_location& where = source_location::current());
    /// Several pieces, one after the other; asyncio's `writelines`.
    write_operation write_lines(std::span<const std::string_view> pieces,
                                const source_location& where = source_location::current());
    write_operation write_lines(std::span<const std::string> pieces, const source_location& where = source_location::current());
    /// Waits as an awaited `write` does.
    write_operation drain(const source_location& where = source_location::current());

    /// Sends `count` bytes (default: all) of a file from `offset` on, behind what was written before, and gives how many these
    /// were: fewer when the file ends. Over sockets the system does it without the bytes passing through the program; over TLS,
    /// pipes, and of files that the system cannot do that with, they are copied, the file being read in a thread, or, when
    /// `may_copy` is false, std::system_error (operation_not_supported) is thrown. While it goes on, `write` throws
    /// invalid_state_error; reading may go on. The file stays the caller's; its position is behind the last byte that was
    /// given to the system, however this ends. **Cancellation** leaves a part of the file sent. asyncio's `loop.sendfile`.
    awaitable<std::uint64_t> send_file(int file, std::uint64_t offset = 0, std::optional<std::uint64_t> count = std::nullopt,
                                       bool may_copy = true);
    /// ... of the file with this name, which is opened and closed.
    awaitable<std::uint64_t> send_file(std::string path, std::uint64_t offset = 0,
                                       std::optional<std::uint64_t> count = std::nullopt, bool may_copy = true);

    /// Tells the peer that nothing more comes, once everything is sent; reading goes on. Throws invalid_state_error where
    /// that does not exist: over TLS.
    void write_eof();
    [[nodiscard]] bool can_write_eof() const;
    /// Bytes that were written and not yet given to the system.
    [[nodiscard]] std::size_t pending_write_bytes() const;
    /// From how many unsent bytes on writers are held back, and down to how many (default: 64 KiB, 16 KiB; `low` a quarter
    /// of `high`). At once: writers that are above a new high mark are held back, those below a new low mark released. Throws
    /// std::invalid_argument when `low > high`. asyncio's `set_write_buffer_limits`.
    void set_write_limits(std::size_t high, std::optional<std::size_t> low = std::nullopt);

    // Ending.

    /// No more reading or writing; what was written is sent, then the connection ends. Completes at once: see `wait_closed`.
    void close() noexcept;
    /// Ends the connection at once; what was not sent is dropped.
    void abort() noexcept;
    /// Whether `close()` or `abort()` was called, the connection has failed, or the reader of a pipe has gone.
    [[nodiscard]] bool is_closing() const noexcept;
    /// Waits until the connection is over and its descriptor closed, after `close()` for example. Throws the error that it
    /// has ended with, if it was one. **Cancellation** ends the wait only.
    wait_closed_operation wait_closed(const source_location& where = source_location::current());

    // The connection.

    /// Where the other end is; no address for pipes.
    [[nodiscard]] const address& peer_address() const;
    [[nodiscard]] address local_address() const;
    /// The descriptor, which stays the stream's; -1 once it is closed.
    [[nodiscard]] int native_handle() const;

    /// Whether small writes go out at once (TCP_NODELAY). On from the start, as in asyncio. These four throw
    /// std::system_error when the stream has no socket, or one without that option.
    void set_no_delay(bool on = true);
    /// Whether a silent peer is probed after a minute, to find out whether it is still there. On from the start.
    void set_keep_alive(bool on = true);
    /// Any other integer option, as setsockopt(2) knows it: `s.set_option(SOL_SOCKET, SO_SNDBUF, 1 << 20)`.
    void set_option(int level, int name, int value);
    [[nodiscard]] int option(int level, int name) const;

    // TLS.

    /// Goes on with TLS, as the side that the context is for, in the middle of a conversation: what was written before is sent
    /// plainly, what has come already and was not read is taken for TLS. Until it completes reads and writes throw
    /// invalid_state_error. Throws that, too, when somebody reads; tls_error, timeout_error and system_error when the
    /// handshake fails: the stream is aborted then. **Cancellation** aborts it as well once the handshake has begun. A
    /// TLS stream can do it again: TLS inside TLS. asyncio's `start_tls`.
    awaitable<> start_tls(tls_context context, tls_options options = tls_options());
    /// What the handshake has agreed on; nothing on a plain connection.
    [[nodiscard]] std::optional<tls_info> tls() const;

private:
    friend class detail::stream_access;
    explicit stream(detail::ref<detail::stream_core> core) noexcept : core_(std::move(core)) {}
    [[nodiscard]] detail::stream_core& require() const;
    void let_go() noexcept;

    detail::ref<detail::stream_core> core_;
};

class [[nodiscard("a read does nothing unless it is awaited: co_await it")]] BRIO_API stream::read_operation final
    : public detail::stream_reader {
public:
    using value_type = std::string;
    using stream_reader::stream_reader;
    std::string resume();
};

class [[nodiscard("a read does nothing unless it is awaited: co_await it")]] BRIO_API stream::read_into_operation final
    : public detail::stream_reader {
public:
    using value_type = std::size_t;
    read_into_operation(detail::stream_core& of, void* data, std::size_t size, const source_location& where) noexcept
        : stream_reader(of, detail::read_request::some(size), "stream.read_into()", where), data_(data) {
        if (size >= worth_a_call) target = data;
    }
    std::size_t resume();

private:
    // A smaller read takes what else is there into the buffer, for the next ones.
    static constexpr std::size_t worth_a_call = 8 * 1024;

    void* data_;
};

class [[nodiscard("a read does nothing unless it is awaited: co_await it")]] BRIO_API stream::read_until_operation final
    : public detail::stream_reader {
public:
    using value_type = std::string;
    read_until_operation(detail::stream_core& of, detail::separator_set separators, const source_location& where) noexcept
        : stream_reader(of, detail::read_request::until(), "stream.read_until()", where), separators_(std::move(separators)) {}
    std::string resume();
    [[nodiscard]] const detail::separator_set* separators() const noexcept override { return &separators_; }

private:
    detail::separator_set separators_;
};

class [[nodiscard("a read does nothing unless it is awaited: co_await it")]] BRIO_API stream::read_line_operation final
    : public detail::stream_reader {
public:
    using value_type = std::string;
    read_line_operation(detail::stream_core& of, const source_location& where) noexcept
        : stream_reader(of, detail::read_request::until(), "stream.read_line()", where) {}
    std::string resume();
    [[nodiscard]] const detail::separator_set* separators() const noexcept override;
};

class [[nodiscard("a read does nothing unless it is awaited: co_await it")]] BRIO_API stream::next_line_operation final
    : public detail::stream_reader {
public:
    using value_type = std::optional<std::string>;
    next_line_operation(detail::stream_core& of, const source_location& where) noexcept
        : stream_reader(of, detail::read_request::until(), "stream.next_line()", where) {}
    std::optional<std::string> resume();
    [[nodiscard]] const detail::separator_set* separators() const noexcept override;
};

/// Not awaited it is a plain write; awaited it is asyncio's `drain` as well.
class BRIO_API stream::write_operation final : public detail::stream_operation {
public:
    using value_type = void;
    write_operation(detail::stream_core& of, const source_location& where) noexcept
        : stream_operation(of, "stream.write()", where) {
        begin_await();  // it may be dropped: then it is asyncio's write, without drain
    }
    bool ready();
    void suspend();
    void resume();
    detail::cancel_reply cancel() noexcept override;
};

class [[nodiscard("wait_closed does nothing unless it is awaited: co_await it")]] BRIO_API stream::wait_closed_operation final
    : public detail::stream_operation {
public:
    using value_type = void;
    wait_closed_operation(detail::stream_core& of, const source_location& where) noexcept
        : stream_operation(of, "stream.wait_closed()", where) {}
    bool ready() noexcept;
    void suspend();
    void resume();
    detail::cancel_reply cancel() noexcept override;
};

}  // namespace brio::inline v0
