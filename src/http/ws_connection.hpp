// SPDX-License-Identifier: BSL-1.0
// A WebSocket connection: ws_machine over a stream, with heartbeat and deadlines.
#pragma once

#include "http/ws_machine.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/detail/timer_heap.hpp>
#include <brio/http/websocket.hpp>
#include <brio/io/stream.hpp>
#include <brio/sync/event.hpp>
#include <brio/sync/lock.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0::detail {
class scheduler;
}

namespace brio::inline v0::http {

/// The inside of websocket_options.
struct websocket_options_access {
    static const std::vector<std::string>& protocols(const websocket_options& o) noexcept { return o.protocols_; }
    static const std::vector<std::string>& origins(const websocket_options& o) noexcept { return o.origins_; }
    static bool any_origin(const websocket_options& o) noexcept { return o.any_origin_; }
    static bool compress(const websocket_options& o) noexcept { return o.compress_; }
    static std::size_t max_message(const websocket_options& o) noexcept { return o.max_message_; }
    static websocket_options::duration heartbeat(const websocket_options& o) noexcept { return o.heartbeat_; }
    static websocket_options::duration dead(const websocket_options& o) noexcept { return o.dead_; }
    static websocket_options::duration close_timeout(const websocket_options& o) noexcept { return o.close_timeout_; }
};

namespace detail {

struct ws_agreement;

/// Shared by the websocket, its calls under way and the session.
///
/// Whoever waits for something that the peer does (a message, a pong, its close) drives the connection, one at a time: it
/// reads and parses, whatever comes in. Others wait for `changed_` and take over when the driver leaves. When there is no
/// driver, the heartbeat looks at what has arrived.
///
/// How it ends: `finish` is called once, when both sides have closed, on an error, when time is up, when it is dropped.
class ws_connection final : private brio::detail::timer_node {
public:
    using ptr = std::shared_ptr<ws_connection>;
    using duration = std::chrono::steady_clock::duration;
    using time_point = std::chrono::steady_clock::time_point;

    /// Over a connection whose handshake is done. `early`: what came behind it; `name`: a URL, for errors.
    ws_connection(stream over, ws_role role, const websocket_options& options, ws_agreement agreed, std::string early, std::string name);
    ws_connection(const ws_connection&) = delete;
    ws_connection& operator=(const ws_connection&) = delete;
    ~ws_connection();

    static awaitable<> send(ptr self, ws_opcode kind, std::string data);
    static awaitable<std::optional<websocket_message>> next(ptr self);
    static awaitable<websocket_message> receive(ptr self);
    static awaitable<duration> ping(ptr self);
    static awaitable<> close(ptr self, unsigned code, std::string reason);
    /// Waits, after an error, until the peer had time to hear of it.
    static awaitable<> farewell(ptr self);
    /// A server's: it ends when its handler does, whatever becomes of the websocket.
    void belongs_to_handler() noexcept { of_handler_ = true; }
    /// The websocket goes.
    void dropped() noexcept;
    /// Says goodbye; the end comes with the peer's answer, or when time is up.
    void start_closing(unsigned code, std::string_view reason);
    /// Says goodbye and ends now; calls under way end with `error`, or with websocket_closed.
    void hang_up(unsigned code, std::exception_ptr error) noexcept;

    [[nodiscard]] bool is_open() const noexcept { return !ended_ && !machine_.is_closing(); }
    [[nodiscard]] std::optional<unsigned> close_code() const noexcept { return code_; }
    [[nodiscard]] const std::string& close_reason() const noexcept { return reason_; }
    [[nodiscard]] const std::string& protocol() const noexcept { return protocol_; }
    [[nodiscard]] bool is_compressed() const noexcept { return compressed_; }
    [[nodiscard]] const address& peer() const noexcept { return peer_; }

private:
    static constexpr int most_looks = 16; // at once, before others run
    class driver;
    class receiver;

    // In.
    awaitable<> read_more();
    void arrived(std::string bytes);
    void poll() noexcept;
    bool parse_one();
    bool take_event();
    void keep(websocket_message::kind kind, std::string_view data);
    void heard_pong(std::string_view payload) noexcept;
    std::optional<websocket_message> take_message();
    [[nodiscard]] bool is_full() const noexcept;

    // Out.
    void write_message(ws_opcode kind, std::string_view data);
    void write(); // what is in output_
    std::uint64_t send_ping();
    void flush_control();
    void sending_failed(const char* why);

    // Time.
    void fire() noexcept override;
    void look();
    void wind_up();
    void set_alarm(time_point at);
    void stop_alarm() noexcept;

    // The end.
    void lost(const std::string& why);
    void fail(std::exception_ptr error, unsigned code);
    void finish(std::exception_ptr error, bool at_once) noexcept;
    void release_senders() noexcept;
    [[noreturn]] void throw_end() const;
    void require_open() const;
    template <class Error>
    [[nodiscard]] std::exception_ptr named(Error error) const;

    brio::detail::scheduler& sched_;
    stream stream_;
    ws_machine machine_;
    std::string protocol_;
    std::string name_;
    address peer_;
    duration heartbeat_;
    duration dead_;
    duration close_timeout_;
    bool compressed_;

    // in
    std::string input_;
    std::size_t parsed_ = 0; // of input_
    std::deque<websocket_message> messages_;
    std::size_t kept_bytes_ = 0; // in messages_
    event changed_;
    bool driven_ = false;
    bool receiving_ = false;
    std::uint64_t pings_ = 0;
    std::uint64_t pongs_ = 0; // the number of the latest ping that was answered
    time_point heard_;
    time_point polled_;
    bool asked_ = false; // for a sign of life, since then

    // out
    lock sending_;
    std::string output_;

    // the end
    bool ended_ = false;
    bool of_handler_ = false;
    std::exception_ptr error_;
    std::optional<unsigned> code_;
    std::string reason_;
};

} // namespace detail

} // namespace brio::inline v0::http
