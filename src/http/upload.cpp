// SPDX-License-Identifier: BSL-1.0
// A race between the body and the answer.
#include "http/upload.hpp"

#include "http/response_parser.hpp"

#include <brio/compose/race.hpp>
#include <brio/core/sleep.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/sync/event.hpp>

#include <boost/asio/error.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

namespace {

using brio::detail::io_result;
using brio::detail::read_operation;
using brio::detail::write_operation;

constexpr std::size_t slice = 64 * 1024; // the limit on writing counts from one to the next

// False when the connection has gone.
awaitable<bool> flush(connection& over, const call_limits& limits) {
    for (std::string_view rest = over.output; !rest.empty();) {
        const std::string_view part = rest.substr(0, slice);
        rest.remove_prefix(part.size());
        const auto now = brio::detail::scheduler::current()->now();
        const io_result sent = co_await write_operation(*over.io, part, limits.io_deadline(now));
        if (sent.ec == boost::asio::error::connection_reset) over.broken = sent.ec;
        if (sent.ec == boost::asio::error::broken_pipe || sent.ec == boost::asio::error::connection_reset) co_return false;
        if (sent.ec) limits.fail(sent.ec, phase::write, brio::detail::scheduler::current()->now());
    }
    over.output.clear();
    co_return true;
}

awaitable<bool> write_all(connection& over, body_source& from, body_plan plan, const call_limits& limits) {
    body_framer framer(plan);
    std::size_t since_pause = 0;
    for (;;) {
        const std::string_view piece = co_await from.next();
        if (piece.empty()) break;
        since_pause += piece.size();
        framer.before(piece.size(), over.output);
        over.output += piece;
        framer.after(over.output);
        const bool there = co_await flush(over, limits);
        if (!there) co_return false;
        // To a server that takes everything at once nothing here would ever wait, and nobody else would run: not the one who
        // watches for its answer either.
        if (since_pause >= slice) {
            since_pause = 0;
            co_await sleep(std::chrono::seconds(0));
        }
    }
    framer.finish(over.output);
    const bool there = co_await flush(over, limits);
    co_return there;
}

// False: nothing more can come. While the body is being sent nobody owes us an answer: there is only the limit of the whole call,
// which also ends the wait for a body that does not come.
awaitable<bool> read_more(connection& over, const call_limits& limits) {
    char* const room = over.input.room();
    const io_result got = co_await read_operation(*over.io, room, over.input.room_size(), limits.total(), false);
    if (got.ec == boost::asio::error::timed_out) limits.fail(got.ec, phase::write, brio::detail::scheduler::current()->now());
    if (got.ec == boost::asio::error::operation_aborted) {
        // The limit on writing has passed and took this read with it: that is for the writer to report.
        event never;
        co_await never.wait();
    }
    if (!got.ec) over.input.filled(got.bytes);
    if (got.ec && got.ec != boost::asio::error::eof) {
        over.broken = got.ec;
        over.unreadable = true;
    }
    co_return !got.ec;
}

// Feeds bytes of an answer that others are going to read; gives how many it has done with.
std::size_t follow(response_parser& shadow, std::string_view bytes) {
    const std::size_t all = bytes.size();
    while (!bytes.empty() && !shadow.done()) {
        const parse_result step = shadow.feed(bytes);
        bytes.remove_prefix(step.consumed);
        if (step.event == parse_event::need_more) break;
    }
    return all - bytes.size();
}

// Reads on behind the head until the answer is complete or too much of it waits.
awaitable<> read_ahead(connection& over, std::string_view head, const call_limits& limits, std::uint64_t limit) {
    response_parser shadow;
    shadow.reset(request_kind::normal);
    try {
        follow(shadow, head);
        std::size_t seen = 0;
        for (bool more = true; more;) {
            seen += follow(shadow, over.input.pending().substr(seen));
            more = !shadow.done() && over.input.pending().size() < limit;
            if (more) more = co_await read_more(over, limits);
        }
    } catch (const protocol_error&) { // whoever reads it meets it again
    }
}

// Ends when there is an answer that makes the rest of the body useless, or nothing more can come.
awaitable<bool> watch_for_answer(connection& over, const call_limits& limits, std::uint64_t limit) {
    std::string head;
    while (!over.parser.head_done()) {
        if (!over.input.empty()) {
            const parse_result step = over.parser.feed(over.input.pending());
            head += over.input.pending().substr(0, step.consumed);
            over.input.consume(step.consumed);
            if (step.event != parse_event::need_more) continue;
        }
        const bool more = co_await read_more(over, limits);
        if (!more) co_return false;
    }
    if (over.parser.status() / 100 == 2) co_await read_ahead(over, head, limits, limit);
    co_return false;
}

} // namespace

awaitable<> upload(connection& over, body_source& from, body_plan plan, const call_limits& limits, std::uint64_t answer_limit) {
    over.cut = true;
    auto won = co_await race(write_all(over, from, plan, limits), watch_for_answer(over, limits, answer_limit));
    if (won.index == 0) {
        over.cut = !won.value;
        co_return;
    }
    // An answer that came at the moment when the last byte had gone was not early.
    const task<bool>& writing = won.losers.front();
    over.cut = writing.cancelled() || writing.exception() || !writing.result();
}

} // namespace brio::inline v0::http::detail
