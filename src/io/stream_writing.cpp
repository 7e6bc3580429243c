// SPDX-License-Identifier: BSL-1.0
// A stream's inside: sending, holding writers back, and what comes when everything is sent.
#include "io/stream_state.hpp"

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <new>
#include <stdexcept>

namespace brio::inline v0::detail {

namespace {

constexpr std::uint32_t silently_dropped = 4;

}  // namespace

void stream_state::require_writable(const char* what) const {
    if (!transport_) throw loop_error("the event loop that this stream was made in has ended");
    if (!transport_->is_writable()) throw invalid_state_error("this stream is for reading only: it is the end of a pipe");
    if (eof_wanted_) throw invalid_state_error(std::string(what) + " after write_eof(): nothing more can be written");
    if (!is_over()) require_no_owner(what);
}

void stream_state::write(std::string_view data) {
    require_writable("stream.write()");
    put(data);
}

void stream_state::put(std::string_view data) {
    if (data.empty()) return;
    if (closing_ || broken_) return drop_write();
    if (!pumping_) {
        io_result step;
        static_cast<void>(has_budget());  // a new step has a new one
        if (transport_->try_write(data, step)) {
            if (step.ec) return write_failed(step.ec);
            given_ += step.bytes;
            use_budget(step.bytes);
            data.remove_prefix(step.bytes);
            if (data.empty()) return;
        }
    }
    try {
        output_.append(data);
        if (!pumping_) start_pump();
    } catch (...) {  // a part may have been sent: nothing can follow it
        write_failed(boost::asio::error::no_memory);
        throw;
    }
    if (output_.size() > high_) paused_ = true;
}

void stream_state::write(std::span<const std::string_view> pieces) {
    // One piece after the other would be a system call for each.
    std::size_t size = 0;
    for (const std::string_view piece : pieces) size += piece.size();
    std::string joined;
    joined.reserve(size);
    for (const std::string_view piece : pieces) joined += piece;
    write(joined);
}

void stream_state::drop_write() noexcept {
    if (++lost_writes_ <= silently_dropped) return;
    try {
        log(log_level::warning, "a write to the connection with " + peer_text() + ", which is closed, was dropped, for the " +
                                    std::to_string(lost_writes_) + "th time: the writer should look at is_closing()");
    } catch (...) {  // no memory for a warning
    }
}

void stream_state::start_pump() {
    const std::string_view front = output_.front();
    pumping_ = true;
    add_ref();
    transport_->start_write(front, io_handler(pump_));
}

void stream_state::pump_dropped() noexcept {
    pumping_ = false;
    release();
}

void stream_state::pump_done(const boost::system::error_code& ec, std::size_t bytes) noexcept {
    if (!transport_) return pump_dropped();  // the loop has gone
    const scheduler::io_step step(sched_);
    pumping_ = false;
    output_.sent(bytes);
    given_ += bytes;
    if (closed_ || broken_) {
        output_.clear();
    } else if (ec && ec != boost::asio::error::operation_aborted) {  // a reader that left aborts what we do as well
        write_failed(ec);
    } else {
        look_at_marks();
        pump_on();
    }
    wake_settlers();
    release();
}

void stream_state::pump_on() noexcept {
    if (output_.empty()) return all_sent();
    try {
        start_pump();
    } catch (const std::bad_alloc&) {
        write_failed(boost::asio::error::no_memory);
    }
}

void stream_state::all_sent() noexcept {
    if (eof_wanted_ && !eof_sent_) {
        eof_sent_ = true;
        if (const boost::system::error_code ec = transport_->write_eof()) return write_failed(ec);
        if (!transport_->is_readable()) closing_ = true;  // a pipe has no other direction
    }
    if (closing_) say_goodbye();
}

void stream_state::write_failed(const boost::system::error_code& ec) noexcept {
    write_error_ = ec;
    broken_ = true;
    drop_output();
    if (closing_) return shut();
    while (waiter* const next = writers_.pop_front()) next->wake();
    while (waiter* const next = closers_.pop_front()) next->wake();
    wake_settlers();
}

void stream_state::drop_output() noexcept {
    if (pumping_) {
        output_.clear_next();  // the block that is being sent goes when that has ended
    } else {
        output_.clear();
    }
    paused_ = false;
}

void stream_state::look_at_marks() noexcept {
    const std::size_t size = output_.size();
    if (size > high_) paused_ = true;
    if (size > low_) return;
    paused_ = false;
    while (waiter* const next = writers_.pop_front()) next->wake();
}

void stream_state::set_marks(std::size_t high, std::size_t low) {
    if (low > high) {
        throw std::invalid_argument("stream.set_write_limits(" + std::to_string(high) + ", " + std::to_string(low) +
                                    "): the low mark must not be above the high one");
    }
    high_ = high;
    low_ = low;
    look_at_marks();
}

bool stream_state::may_write() {
    throw_write_error();
    return !paused_ && has_budget();
}

void stream_state::wait_write(waiter& writer) {
    if (paused_) {
        writers_.push_back(writer);
        return;
    }
    if (!turn_posted_) {
        boost::asio::post(sched_.context(), [self = ref<stream_state>(this)] { self->turn(); });
        turn_posted_ = true;
    }
    yielding_.push_back(writer);
}

void stream_state::turn() noexcept {
    turn_posted_ = false;
    if (!transport_) return;
    const scheduler::io_step step(sched_);
    while (waiter* const next = yielding_.pop_front()) next->wake();
}

void stream_state::throw_write_error() const {
    if (!transport_) throw loop_error("the event loop that this stream was made in has ended");
    if (read_error_) fail(read_error_, "write to ");
    if (write_error_) fail(write_error_, "write to ");
    if (closed_) fail(boost::asio::error::connection_aborted, "write to a stream that is closed, with ");
}

void stream_state::write_eof() {
    if (!transport_) throw loop_error("the event loop that this stream was made in has ended");
    if (!can_write_eof()) {
        throw invalid_state_error("stream.write_eof(): this connection cannot be half closed (see can_write_eof()), use close()");
    }
    if (eof_wanted_ || closing_ || broken_) return;
    eof_wanted_ = true;
    if (!pumping_) all_sent();
}

void stream_state::say_goodbye() noexcept {
    if (!transport_->has_goodbye() || !set_alarm(goodbye_limit_)) return shut();
    try {
        add_ref();
        transport_->start_goodbye(io_handler(goodbye_));
    } catch (const std::bad_alloc&) {
        shut();
    }
}

void stream_state::goodbye_done(const boost::system::error_code& ec) noexcept {
    if (!transport_) return release();
    const scheduler::io_step step(sched_);
    if (ec && !closed_) write_error_ = ec;
    shut();
    release();
}

}  // namespace brio::inline v0::detail
