// SPDX-License-Identifier: BSL-1.0
// What the calls of a websocket do.
#include "http/ws_connection.hpp"

#include "http/ws_handshake.hpp"
#include "io/stream_state.hpp"

#include <brio/core/error.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http/error.hpp>

#include <algorithm>
#include <charconv>
#include <new>

namespace brio::inline v0::http::detail {

namespace {

using chosen = websocket_options_access;

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t most_kept = 64 * 1024; // bytes of messages that nobody has asked for
constexpr std::size_t most_messages = 1024;
constexpr std::size_t most_unsent = 64 * 1024; // until then pongs are sent
constexpr std::size_t most_output = 256 * 1024; // of memory that is kept
constexpr auto look_again = std::chrono::milliseconds(50);

ws_settings settings_of(ws_role role, const websocket_options& options, const ws_agreement& agreed) {
    ws_settings out;
    out.role = role;
    out.max_message = chosen::max_message(options);
    out.deflate = agreed.deflate;
    return out;
}

} // namespace

// Whoever reads: only one of those who wait.
class ws_connection::driver {
public:
    explicit driver(ws_connection& of) noexcept : of_(of) { of_.driven_ = true; }
    driver(const driver&) = delete;
    driver& operator=(const driver&) = delete;
    ~driver() {
        of_.driven_ = false;
        of_.changed_.set();
    }

private:
    ws_connection& of_;
};

class ws_connection::receiver {
public:
    explicit receiver(ws_connection& of) : of_(of) {
        if (of_.receiving_) throw invalid_state_error("another task receives from this WebSocket already: only one may");
        of_.receiving_ = true;
    }
    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;
    ~receiver() { of_.receiving_ = false; }

private:
    ws_connection& of_;
};

ws_connection::ws_connection(stream over, ws_role role, const websocket_options& options, ws_agreement agreed, std::string early,
                             std::string name)
    : sched_(brio::detail::scheduler::require("a WebSocket")),
      stream_(std::move(over)),
      machine_(settings_of(role, options, agreed)),
      protocol_(std::move(agreed.protocol)),
      name_(std::move(name)),
      peer_(stream_.peer_address()),
      heartbeat_(chosen::heartbeat(options)),
      dead_(chosen::dead(options)),
      close_timeout_(chosen::close_timeout(options)),
      compressed_(agreed.deflate.has_value()),
      input_(std::move(early)),
      heard_(sched_.turn_time()),
      polled_(heard_) {
    if (close_timeout_ > duration::zero()) {
        brio::detail::stream_state& inside = *brio::detail::stream_access::state(stream_);
        inside.set_goodbye_limit(close_timeout_);
        inside.set_flush_limit(close_timeout_);
    }
    if (heartbeat_ > duration::zero()) set_alarm(heard_ + heartbeat_ / 3);
}

// ---- the calls

awaitable<> ws_connection::send(ptr self, ws_opcode kind, std::string data) {
    ws_connection& ws = *self;
    ws.require_open();
    const lock::guard turn = co_await ws.sending_.acquire();
    try {
        co_await ws.stream_.drain();
    } catch (const std::exception& e) {
        ws.sending_failed(e.what());
    }
    if (ws.sched_.turn_time() - ws.polled_ >= look_again) ws.poll();
    ws.require_open();
    ws.write_message(kind, data);
    if (ws.stream_.is_closing()) {
        ws.sending_failed("the connection is broken");
        ws.require_open();
    }
}

awaitable<std::optional<websocket_message>> ws_connection::next(ptr self) {
    ws_connection& ws = *self;
    const receiver only(ws);
    for (;;) {
        std::optional<websocket_message> got = ws.take_message();
        if (got) co_return got;
        if (ws.ended_) break;
        co_await ws.read_more();
    }
    if (ws.error_) ws.throw_end();
    co_return std::nullopt;
}

awaitable<websocket_message> ws_connection::receive(ptr self) {
    std::optional<websocket_message> got = co_await next(self);
    if (!got) self->throw_end();
    co_return std::move(*got);
}

awaitable<ws_connection::duration> ws_connection::ping(ptr self) {
    ws_connection& ws = *self;
    ws.poll();
    ws.require_open();
    const time_point begin = ws.sched_.now();
    const std::uint64_t number = ws.send_ping();
    while (ws.pongs_ < number) {
        if (ws.ended_) ws.throw_end();
        if (ws.is_full()) {
            ws.changed_.clear();
            co_await ws.changed_.wait();
        } else if (!ws.parse_one() && !ws.ended_) {
            co_await ws.read_more();
        }
    }
    co_return ws.sched_.now() - begin;
}

awaitable<> ws_connection::close(ptr self, unsigned code, std::string reason) {
    ws_connection& ws = *self;
    ws.start_closing(code, reason);
    struct impatience {
        ws_connection& ws;
        ~impatience() {
            if (!ws.ended_) ws.finish(nullptr, false);
        }
    } guard{ws};
    while (!ws.ended_) {
        if (!ws.parse_one() && !ws.ended_) co_await ws.read_more();
    }
}

awaitable<> ws_connection::farewell(ptr self) {
    while (self->ended_ && self->is_armed()) {
        self->changed_.clear();
        co_await self->changed_.wait();
    }
}

// ---- in

awaitable<> ws_connection::read_more() {
    if (driven_) {
        changed_.clear();
        co_await changed_.wait();
        co_return;
    }
    const driver only(*this);
    try {
        std::string bytes = co_await stream_.read(read_size);
        arrived(std::move(bytes));
    } catch (const std::bad_alloc&) {
        finish(std::current_exception(), true);
    } catch (const std::exception& e) {
        lost(e.what());
    }
}

void ws_connection::arrived(std::string bytes) {
    if (ended_) return;
    heard_ = sched_.turn_time();
    asked_ = false;
    if (bytes.empty()) {
        // Nobody who has said goodbye needs to be answered.
        if (machine_.is_closing()) return finish(nullptr, false);
        return lost("the peer has ended the connection without a WebSocket close frame");
    }
    if (parsed_ > 0) input_.erase(0, std::exchange(parsed_, 0));
    if (input_.empty()) {
        input_ = std::move(bytes);
    } else {
        input_ += bytes;
    }
}

// Takes what is there, when nobody waits for it.
void ws_connection::poll() noexcept {
    if (driven_ || ended_) return;
    polled_ = sched_.turn_time();
    try {
        for (int i = 0; i < most_looks; ++i) {
            while (!is_full() && parse_one()) {}
            if (is_full() || ended_) return;
            const bool at_end = stream_.at_eof();
            stream::read_operation look = stream_.read(read_size);
            look.begin_await();
            if (!at_end && !look.ready()) return;
            arrived(look.resume());
        }
    } catch (const std::bad_alloc&) { // also none for the text that lost() takes
        finish(std::current_exception(), true);
    } catch (const std::exception& e) {
        lost(e.what());
    }
}

// False: there is nothing more, or it is over.
bool ws_connection::parse_one() {
    if (ended_ || parsed_ == input_.size()) return false;
    try {
        try {
            return take_event();
        } catch (const websocket_error& e) {
            fail(named(e), e.close_code());
        }
    } catch (...) { // no memory: nobody knows any more where the next frame begins
        finish(std::current_exception(), true);
    }
    return false;
}

bool ws_connection::take_event() {
    std::string_view rest = std::string_view(input_).substr(parsed_);
    const ws_event got = machine_.next(rest);
    switch (got.kind) {
    case ws_event_kind::text:
        keep(websocket_message::kind::text, got.data);
        break;
    case ws_event_kind::binary:
        keep(websocket_message::kind::binary, got.data);
        break;
    case ws_event_kind::ping:
        flush_control();
        break;
    case ws_event_kind::pong:
        heard_pong(got.data);
        break;
    case ws_event_kind::close:
        code_ = got.code;
        reason_ = got.data;
        flush_control();
        finish(nullptr, false);
        break;
    case ws_event_kind::need_more:
        break;
    }
    parsed_ = input_.size() - rest.size();
    if (parsed_ == input_.size()) {
        input_.clear();
        parsed_ = 0;
    }
    return got.kind != ws_event_kind::need_more;
}

void ws_connection::keep(websocket_message::kind kind, std::string_view data) {
    if (machine_.is_closing()) return;
    messages_.emplace_back(kind, std::string(data));
    kept_bytes_ += data.size();
    if (receiving_ || is_full()) changed_.set();
}

void ws_connection::heard_pong(std::string_view payload) noexcept {
    std::uint64_t number = 0;
    const auto [end, ec] = std::from_chars(payload.data(), payload.data() + payload.size(), number);
    if (ec != std::errc() || end != payload.data() + payload.size() || number > pings_) return;
    pongs_ = std::max(pongs_, number);
    changed_.set();
}

bool ws_connection::is_full() const noexcept { return kept_bytes_ >= most_kept || messages_.size() >= most_messages; }

std::optional<websocket_message> ws_connection::take_message() {
    while (messages_.empty()) {
        if (!parse_one()) return std::nullopt;
    }
    if (is_full()) changed_.set(); // a ping waits for room
    std::optional<websocket_message> got(std::move(messages_.front()));
    messages_.pop_front();
    kept_bytes_ -= got->data.size();
    return got;
}

// ---- out

void ws_connection::write_message(ws_opcode kind, std::string_view data) {
    output_.clear();
    try {
        machine_.message(output_, kind, data);
        write();
    } catch (const invalid_request&) {
        throw;
    } catch (...) { // no memory: the peer could not make sense of what follows
        finish(std::current_exception(), true);
        throw;
    }
    if (output_.capacity() > most_output) output_ = std::string();
}

// Sent whole or kept whole; nobody waits for that here.
void ws_connection::write() { brio::detail::stream_access::state(stream_)->write(output_); }

std::uint64_t ws_connection::send_ping() {
    const std::uint64_t number = pings_ + 1;
    output_.clear();
    machine_.ping(output_, std::to_string(number));
    pings_ = number;
    write();
    return number;
}

// A peer that pings and does not read its pongs gets the latest ones, once it does.
void ws_connection::flush_control() {
    if (!machine_.has_control() || (!machine_.is_closing() && stream_.pending_write_bytes() > most_unsent)) return;
    output_.clear();
    machine_.take_control(output_);
    write();
}

void ws_connection::sending_failed(const char* why) {
    poll(); // perhaps the peer has said why it went
    if (ended_) return;
    if (!driven_) return lost(why);
    std::rethrow_exception(named(connection_lost(phase::body, std::string("the WebSocket cannot send any more: ") + why)));
}

} // namespace brio::inline v0::http::detail
