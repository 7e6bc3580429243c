// SPDX-License-Identifier: BSL-1.0
// The parser's appetite, fed from the network.
#include "http/body_reader.hpp"

#include "http/turn_budget.hpp"
#include "io/tls.hpp"

#include <brio/core/sleep.hpp>
#include <brio/detail/scheduler.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <thread>

namespace brio::inline v0::http::detail {

namespace {

using brio::detail::io_result;
using brio::detail::read_operation;
using brio::detail::scheduler;
using time_point = call_limits::time_point;
using namespace std::chrono_literals;

constexpr std::size_t largest_read = 256 * 1024;
constexpr std::uint64_t trusted_length = 1024 * 1024; // reserved on the word of a Content-Length

// What a read that failed or met the end of the stream means to the parser.
void end_of_input(connection& from, const call_limits& limits, boost::system::error_code ec, phase where) {
    if (ec == boost::asio::error::eof && from.broken) ec = from.broken;
    from.ended = ec == boost::asio::error::eof || brio::detail::is_truncation(ec);
    if (ec == boost::asio::error::eof) {
        from.parser.feed_eof(false);
    } else if (brio::detail::is_truncation(ec)) {
        from.parser.feed_eof(!from.accepts_truncation);
    } else {
        limits.fail(ec, where, scheduler::current()->now());
    }
}

std::string seconds_of(pace_guard::duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

// The body comes as fast as was asked for; `begin`: when the read began.
void check_pace(connection& from, const io_result& got, time_point begin) {
    const time_point end = scheduler::current()->now();
    if (from.pace.count(got.bytes, end - begin)) return;
    throw timeout(phase::body, "the server sends less than the " + std::to_string(from.pace.least()) + " bytes in " +
                                   seconds_of(from.pace.span()) + " of options.min_rate");
}

// Looks for more of a fast body, without waiting, while others run.
awaitable<bool> found_lingering(connection& from, char* room, std::size_t size, io_result& got) {
    for (unsigned looks = 0; looks < linger::most_looks; ++looks) {
        std::this_thread::yield();  // the peer may live on this very processor
        co_await sleep(0s);         // before each look, so that no peer keeps the loop for itself
        if (from.io->try_read(room, size, got)) {
            from.lingering.found();
            co_return true;
        }
    }
    from.lingering.in_vain();
    co_return false;
}

// One read of a body, with all limits of time. `eager`: looks first, as there may be more.
awaitable<io_result> receive(connection& from, const call_limits& limits, char* room, std::size_t size, bool eager) {
    const bool paced = from.pace.least() > 0;
    const time_point begin = scheduler::current()->now(); // what the reader did since this turn began does not count
    time_point deadline = limits.io_deadline(begin);
    if (paced) deadline = std::min(deadline, from.pace.deadline(begin));
    io_result got;
    bool found = eager && from.io->try_read(room, size, got);
    if (!found && from.lingering.pays()) found = co_await found_lingering(from, room, size, got);
    if (!found) got = co_await read_operation(*from.io, room, size, deadline, false);
    from.lingering.count(got.bytes);
    from.note_read(got.bytes, size);
    if (paced) check_pace(from, got, begin);
    co_return got;
}

awaitable<> fill(connection& from, const call_limits& limits, phase where) {
    const bool eager = from.input.was_full();  // else the socket is empty: Asio looks once more by itself
    char* const room = from.input.room();
    io_result got;
    if (from.unreadable) {
        got.ec = from.broken;
    } else if (where == phase::body) {
        got = co_await receive(from, limits, room, from.input.room_size(), eager);
    } else {
        const time_point deadline = limits.io_deadline(scheduler::current()->turn_time());
        got = co_await read_operation(*from.io, room, from.input.room_size(), deadline, eager);
        from.note_read(got.bytes, from.input.room_size());
    }
    if (got.ec) {
        end_of_input(from, limits, got.ec, where);
    } else {
        from.input.filled(got.bytes);
    }
}

} // namespace

awaitable<> read_head(connection& from, const call_limits& limits) {
    while (!from.parser.head_done()) {
        if (!from.input.empty()) {
            const parse_result step = from.parser.feed(from.input.pending());
            from.input.consume(step.consumed);
            if (step.event != parse_event::need_more) continue;
        }
        co_await fill(from, limits, phase::headers);
    }
}

awaitable<bool> read_go_ahead(connection& from, const call_limits& limits, call_limits::time_point patience) {
    while (!from.parser.head_done()) {
        if (!from.input.empty()) {
            const parse_result step = from.parser.feed(from.input.pending());
            from.input.consume(step.consumed);
            if (step.event == parse_event::interim && from.parser.status() == 100) co_return true;
            if (step.event != parse_event::need_more) continue;
        }
        char* const room = from.input.room();
        const io_result got = co_await read_operation(*from.io, room, from.input.room_size(), patience, false);
        if (got.ec == boost::asio::error::timed_out) co_return true;
        if (got.ec) {
            end_of_input(from, limits, got.ec, phase::headers);
        } else {
            from.input.filled(got.bytes);
        }
    }
    co_return false;
}

awaitable<std::string_view> read_piece(connection& from, const call_limits& limits) {
    while (!from.parser.done()) {
        if (!from.input.empty()) {
            const parse_result step = from.parser.feed(from.input.pending());
            from.input.consume(step.consumed);
            if (step.event == parse_event::body) co_return step.body;
            if (step.event != parse_event::need_more) continue;
        }
        co_await fill(from, limits, phase::body);
    }
    co_return std::string_view();
}

namespace {

// A body of known length goes straight into its final place.
awaitable<> read_sized(connection& from, const call_limits& limits, byte_buffer& body) {
    bool eager = false;
    turn_budget turn;
    while (!from.parser.done()) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(from.parser.remaining(), largest_read));
        char* const room = body.room(size);
        io_result got;
        got.ec = from.broken;
        if (!from.unreadable) got = co_await receive(from, limits, room, size, eager);
        eager = got.bytes == size;
        if (got.ec) {
            end_of_input(from, limits, got.ec, phase::body);
        } else {
            body.commit(got.bytes);
            from.parser.account_body(got.bytes);
        }
        if (!eager) turn.rest();
        if (turn.spend()) co_await sleep(0s);
    }
}

void check_size(std::uint64_t size, std::uint64_t most) {
    if (size > most) throw body_too_large(most, size, "options.max_body (or use session::stream)");
}

} // namespace

awaitable<byte_buffer> read_rest(connection& from, const call_limits& limits, std::uint64_t most) {
    byte_buffer body;
    if (from.parser.done()) co_return body;
    const bool sized = from.parser.body_framing() == framing::length;
    if (sized) {
        check_size(from.parser.remaining(), most);
        from.input.expect(from.parser.remaining());
        if (from.parser.remaining() == from.input.pending().size()) {
            from.parser.account_body(from.input.pending().size());
            co_return from.input.take_pending();
        }
        body.reserve(static_cast<std::size_t>(std::min(from.parser.remaining(), trusted_length)));
    }
    turn_budget turn;
    while (!from.parser.done()) {
        if (sized && from.input.empty()) {
            co_await read_sized(from, limits, body);
            break;
        }
        const std::string_view piece = co_await read_piece(from, limits);
        check_size(body.size() + piece.size(), most);
        body.append(piece);
        if (turn.spend()) co_await sleep(0s);
    }
    co_return body;
}

} // namespace brio::inline v0::http::detail
