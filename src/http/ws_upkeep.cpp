// SPDX-License-Identifier: BSL-1.0
// What happens to a WebSocket by itself: heartbeat, deadlines, the end.
#include "http/ws_connection.hpp"

#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_text.hpp>

#include <algorithm>
#include <limits>

namespace brio::inline v0::http::detail {

namespace {

using namespace std::chrono_literals;

// A peer that sent too much must be listened to for some time, or the system takes back our last words to it.
constexpr auto parting = 2s;
constexpr auto parting_step = 20ms;

} // namespace

ws_connection::~ws_connection() { stop_alarm(); }

// ---- time

void ws_connection::set_alarm(time_point at) { sched_.arm(*this, at); }

void ws_connection::stop_alarm() noexcept {
    if (is_armed()) sched_.disarm(*this);
}

void ws_connection::fire() noexcept {
    try {
        if (ended_) return wind_up();
        if (machine_.is_closing()) return finish(nullptr, true); // the peer does not answer
        look();
    } catch (...) {
        finish(std::current_exception(), true);
    }
}

void ws_connection::look() {
    poll();
    if (ended_) return;
    flush_control();
    const time_point now = sched_.now();
    if (!driven_ && is_full()) heard_ = now; // there is more from the peer that nobody takes
    const duration silent = now - heard_;
    if (asked_ && dead_ > duration::zero() && silent >= dead_) {
        http::timeout error(phase::body, "the WebSocket peer gave no sign of life for " + brio::detail::duration_text(silent) +
                                             ", although it was sent a ping (websocket_options.heartbeat)");
        return finish(named(std::move(error)), true);
    }
    if (!asked_ && silent >= heartbeat_) {
        send_ping();
        asked_ = true;
    }
    time_point next = now + heartbeat_ / 3;
    if (!asked_) next = std::min(next, heard_ + heartbeat_);
    if (asked_ && dead_ > duration::zero()) next = std::min(next, std::max(heard_ + dead_, now + 1ms));
    set_alarm(next);
}

// The error is out; what still comes is thrown away, until the peer has heard of it.
void ws_connection::wind_up() {
    bool over = sched_.now() >= heard_ + parting;
    for (int i = 0; i < most_looks && !over; ++i) {
        over = stream_.at_eof();
        stream::read_operation rest = stream_.read(65536);
        rest.begin_await();
        if (over || !rest.ready()) break;
        over = rest.resume().empty();
    }
    if (over) {
        stream_.close();
        return changed_.set();
    }
    set_alarm(sched_.now() + parting_step);
}

// ---- the end

template <class Error>
std::exception_ptr ws_connection::named(Error error) const {
    error.attach_url(name_);
    return std::make_exception_ptr(std::move(error));
}
template std::exception_ptr ws_connection::named(connection_lost) const;
template std::exception_ptr ws_connection::named(websocket_error) const;

void ws_connection::lost(const std::string& why) {
    if (ended_) return;
    std::exception_ptr error;
    try {
        error = named(connection_lost(phase::body, "the WebSocket connection is lost: " + why));
    } catch (...) { // no memory to say so
        error = std::current_exception();
    }
    finish(std::move(error), true);
}

// The peer has broken the rules: the machine has a close frame for it.
void ws_connection::fail(std::exception_ptr error, unsigned code) {
    if (machine_.close_sent()) return finish(nullptr, false);
    flush_control();
    if (stream_.can_write_eof()) stream_.write_eof();
    release_senders();
    ended_ = true;
    error_ = std::move(error);
    code_ = code;
    heard_ = sched_.now();
    stop_alarm();
    set_alarm(heard_ + parting_step);
    changed_.set();
}

// Those who wait for room need not wait for a peer that may never read again.
void ws_connection::release_senders() noexcept {
    try {
        constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
        stream_.set_write_limits(none, none);
    } catch (...) { // the loop has gone, and they with it
    }
}

void ws_connection::finish(std::exception_ptr error, bool at_once) noexcept {
    stop_alarm();
    release_senders();
    if (at_once) {
        stream_.abort();
    } else {
        stream_.close();
    }
    if (std::exchange(ended_, true)) return;
    error_ = std::move(error);
    if (!code_) code_ = ws_code::abnormal;
    changed_.set();
}

void ws_connection::start_closing(unsigned code, std::string_view reason) {
    const bool first = !machine_.is_closing();
    machine_.close(code, reason);
    if (ended_ || !first) return;
    try {
        flush_control();
        stop_alarm();
        if (close_timeout_ > duration::zero()) set_alarm(sched_.now() + close_timeout_);
    } catch (...) { // nobody would wait for the answer in bounded time
        finish(std::current_exception(), true);
        throw;
    }
}

void ws_connection::dropped() noexcept {
    if (!of_handler_) hang_up(ws_code::going_away, nullptr);
}

void ws_connection::hang_up(unsigned code, std::exception_ptr error) noexcept {
    try {
        if (!ended_) {
            machine_.close(code);
            flush_control();
        }
    } catch (...) { // no memory for a goodbye, or the loop has gone
    }
    finish(std::move(error), false);
}

void ws_connection::throw_end() const {
    if (error_) std::rethrow_exception(error_);
    websocket_closed closed(code_, reason_);
    closed.attach_url(name_);
    throw closed;
}

void ws_connection::require_open() const {
    if (ended_ || machine_.is_closing()) throw_end();
}

} // namespace brio::inline v0::http::detail

namespace brio::inline v0::http {

namespace {

std::string closed_text(const std::optional<unsigned>& code, const std::string& reason) {
    std::string text = "the WebSocket is closed";
    if (code) text += ", code " + std::to_string(*code);
    if (!reason.empty()) text += ": " + reason;
    return text;
}

} // namespace

websocket_handshake_error::~websocket_handshake_error() = default;

websocket_closed::websocket_closed(std::optional<unsigned> code, std::string reason)
    : error(http::phase::closed, closed_text(code, reason)), code_(code), reason_(std::make_shared<const std::string>(std::move(reason))) {}
websocket_closed::~websocket_closed() = default;

} // namespace brio::inline v0::http
