// SPDX-License-Identifier: BSL-1.0
// A stream's inside: making, reading and ending. Writing: stream_writing.cpp.
#include "io/stream_state.hpp"

#include "io/io_error.hpp"
#include "io/stream_registry.hpp"

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/task_text.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace brio::inline v0::detail {

namespace {

constexpr std::size_t default_high_mark = 64 * 1024;

// So much may be read and written without waiting before the task gives way, and the loop looks at what else has happened: a
// fast peer must not starve the others, and what one side has written is read best while it is in the cache.
constexpr std::int64_t bytes_per_step = 64 * 1024;
constexpr std::int64_t least_cost = 512;  // of small ones

address peer_of(int descriptor) {
    sockaddr_storage room{};
    socklen_t size = sizeof room;
    if (descriptor < 0 || ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&room), &size) != 0) return {};
    return address::from_native(reinterpret_cast<const sockaddr*>(&room), size);
}

}  // namespace

stream_core::~stream_core() = default;

stream_state::stream_state(scheduler& sched, std::unique_ptr<transport> over, std::size_t limit)
    : sched_(sched),
      transport_(std::move(over)),
      limit_(limit),
      high_(default_high_mark),
      low_(default_high_mark / 4),
      peer_(peer_of(transport_->native_handle())) {
    stream_registry::of(sched.owner()).add(*this);
}

stream_state::~stream_state() {
    stop_alarm();
}

stream stream_access::make(std::unique_ptr<transport> over, std::size_t limit) {
    scheduler& here = scheduler::require("a stream");
    return stream(ref<stream_core>(new stream_state(here, std::move(over), limit)));
}

stream_state* stream_access::state(const stream& of) noexcept { return static_cast<stream_state*>(of.core_.get()); }

// Reading.

void stream_state::require_no_owner(const char* what) const {
    if (owner_) throw invalid_state_error(std::string(what) + ": " + owner_->describe() + " of the same stream is going on");
}

void stream_state::require_no_reader(const waiter& newcomer) const {
    if (!owner_may_read_) require_no_owner(newcomer.describe());
    if (!reader_ || reader_ == &newcomer) return;
    throw invalid_state_error(std::string(newcomer.describe()) + ": another task waits in " + reader_->describe() +
                              " of the same stream already; only one task may read at a time");
}

bool stream_state::is_answered(stream_reader& reader) noexcept {
    if (reader.direct > 0) {
        reader.verdict = read_request::verdict::take;
        return true;
    }
    reader.verdict = reader.request().look(input_.pending(), end_, limit_, reader.separators());
    return reader.verdict != read_request::verdict::wait;
}

void stream_state::use_budget(std::size_t bytes) noexcept {
    budget_ -= std::max(static_cast<std::int64_t>(bytes), least_cost);
}

bool stream_state::has_budget() noexcept {
    if (budget_step_ != sched_.steps) {
        budget_step_ = sched_.steps;
        budget_ = bytes_per_step;
    }
    return budget_ > 0;
}

bool stream_state::begin_read(stream_reader& reader) {
    require_no_reader(reader);
    throw_read_error();
    while (!is_answered(reader)) {
        if (!may_be_more_ || filling_ || !has_budget()) return false;
        if (!(reader.target && input_.empty() ? try_direct(reader) : try_fill(&reader))) return false;
        throw_read_error();
    }
    return true;
}

bool stream_state::try_direct(stream_reader& reader) {
    io_result step;
    const std::size_t size = reader.request().count();
    const bool done = transport_->try_read(reader.target, size, step);
    may_be_more_ = done && step.bytes == size;
    if (!done) return false;
    reader.direct = step.bytes;
    use_budget(step.bytes);
    if (step.ec) read_ended(step.ec);
    return true;
}

void stream_state::wait_read(stream_reader& reader) {
    if (!filling_) start_fill(reader);
    reader_ = &reader;
}

void stream_state::leave_read(stream_reader& reader) noexcept {
    if (reader_ == &reader) reader_ = nullptr;
}

cancel_reply stream_state::cancel_read(stream_reader& reader) noexcept {
    if (filling_ && transport_) transport_->cancel();  // the pump, if that is under way as well, goes on by itself
    if (filling_direct_ && transport_) {
        reader.leaving = true;
        return cancel_reply::forwarded;
    }
    leave_read(reader);
    return cancel_reply::left;
}

bool stream_state::try_fill(stream_reader* reader) {
    char* const room = input_.room(reader ? reader->request().missing(input_.size()) : 0);
    const std::size_t size = input_.room_size();
    io_result step;
    const bool done = transport_->try_read(room, size, step);
    may_be_more_ = done && step.bytes == size;
    if (!done) return false;
    if (step.bytes > 0) input_.filled(step.bytes);
    use_budget(step.bytes);
    if (step.ec) read_ended(step.ec);
    return true;
}

void stream_state::start_fill(stream_reader& reader) {
    filling_direct_ = reader.target && input_.empty();
    void* room = reader.target;
    fill_size_ = reader.request().count();
    if (!filling_direct_) {
        room = input_.room(reader.request().missing(input_.size()));
        fill_size_ = input_.room_size();
    }
    filling_ = true;
    add_ref();
    transport_->start_read(room, fill_size_, io_handler(fill_));
}

void stream_state::fill_dropped() noexcept {
    filling_ = filling_direct_ = false;
    release();
}

void stream_state::fill_done(const boost::system::error_code& ec, std::size_t bytes) noexcept {
    if (!transport_) return fill_dropped();  // the loop has gone
    const scheduler::io_step step(sched_);
    filling_ = false;
    may_be_more_ = bytes == fill_size_;
    if (std::exchange(filling_direct_, false)) {
        if (reader_) reader_->direct = bytes;
    } else if (bytes > 0) {
        input_.filled(bytes);
    }
    // An aborted one belongs to a reader that left, or to a stream that was closed.
    if (ec && ec != boost::asio::error::operation_aborted) read_ended(ec);
    serve_reader();
    wake_settlers();
    release();
}

void stream_state::wake_settlers() noexcept {
    if (!is_settled()) return;
    while (waiter* const next = settlers_.pop_front()) next->wake();
}

// A reader that was woken already has its answer; it stays the reader until it runs.
void stream_state::serve_reader() noexcept {
    if (!reader_ || !reader_->is_waiting() || filling_direct_) return;
    const bool lost = reader_->direct == 0 && (reader_->leaving || read_error_ || !transport_);
    if (lost || is_answered(*reader_)) {
        reader_->wake();
        return;
    }
    if (filling_) return;
    try {
        start_fill(*reader_);
    } catch (const std::bad_alloc&) {
        read_ended(boost::asio::error::no_memory);
    }
}

void stream_state::read_ended(const boost::system::error_code& ec) noexcept {
    if (end_) return;
    end_ = true;
    if (ec == boost::asio::error::eof) {
        // A reset that a write was told of is not told again: without this the bytes would seem to be complete.
        if (write_error_ && write_error_ != boost::asio::error::broken_pipe) read_error_ = write_error_;
        return;
    }
    read_error_ = ec;
    broken_ = true;
    shut();
}

bool stream_state::at_end() noexcept {
    if (!input_.empty()) return false;
    if (!end_ && !filling_ && !reader_ && !owner_ && transport_ && transport_->is_readable()) {
        try {
            try_fill(nullptr);
        } catch (const std::bad_alloc&) {  // no room to look: then it is not known
            return false;
        }
    }
    return end_ && input_.empty() && !read_error_;
}

void stream_state::throw_read_error() const {
    if (!transport_) throw loop_error("the event loop that this stream was made in has ended");
    if (!transport_->is_readable()) throw invalid_state_error("this stream is for writing only: it is the end of a pipe");
    if (read_error_) fail(read_error_, "read from ");
}

void stream_state::fail(const boost::system::error_code& ec, const char* what) const {
    std::rethrow_exception(transport_->explain_failure(ec, what + peer_text()));
}

void stream_state::lock(const stream_operation& who, bool may_read) {
    require_no_owner(who.describe());
    if (may_read) {
        require_sending(who.describe());
    } else {
        require_no_reader(who);
        require_open(who.describe());
    }
    owner_ = &who;
    owner_may_read_ = may_read;
}

void stream_state::require_open(const char* what) const {
    throw_read_error();
    require_sending(what);
    if (end_) fail(boost::asio::error::connection_aborted, (std::string(what) + " after the end of the stream with ").c_str());
}

void stream_state::require_sending(const char* what) const {
    throw_write_error();
    if (closing_) fail(boost::asio::error::connection_aborted, (std::string(what) + " on a stream that is closed, with ").c_str());
    if (!transport_->is_writable()) throw invalid_state_error(std::string(what) + ": this stream is for reading only");
    if (eof_wanted_) throw invalid_state_error(std::string(what) + " after write_eof(): nothing more can be written");
}

std::string stream_state::peer_text() const { return peer_.empty() ? std::string("a pipe") : peer_.to_string(); }

// Ending.

void stream_state::close() noexcept {
    if (closing_) return;
    closing_ = true;
    end_ = true;
    if (!transport_) return;
    if (filling_ && !broken_) transport_->cancel();
    if (broken_) {
        shut();
    } else if (!pumping_) {
        all_sent();
    } else if (flush_limit_ < duration::max() && !set_alarm(flush_limit_)) {
        shut();
    }
    serve_reader();
}

void stream_state::abort() noexcept {
    if (closed_) return;
    closing_ = true;
    shut();
}

// What ends the stream later: false when there is no memory for it.
bool stream_state::set_alarm(duration limit) noexcept {
    try {
        stop_alarm();
        sched_.arm(*this, deadline_after(sched_.now(), limit));
        ++sched_.background_timers;
    } catch (const std::bad_alloc&) {
        return false;
    }
    return true;
}

void stream_state::stop_alarm() noexcept {
    if (!timer_node::is_armed()) return;
    sched_.disarm(*this);
    --sched_.background_timers;
}

// The peer has not taken what was left, or has not said goodbye, in time.
void stream_state::fire() noexcept {
    --sched_.background_timers;
    goodbye_late_ = true;
    abort();
}

void stream_state::loop_ended() noexcept {
    stop_alarm();
    closing_ = closed_ = end_ = true;
    transport_.reset();
}

void stream_state::shut() noexcept {
    if (closed_) return;
    closed_ = end_ = true;
    stop_alarm();
    drop_output();
    if (transport_) transport_->close();
    wake_all();
}

void stream_state::wake_all() noexcept {
    serve_reader();
    while (waiter* const next = writers_.pop_front()) next->wake();
    while (waiter* const next = closers_.pop_front()) next->wake();
    wake_settlers();
}

// A pipe tells of its reader only when asked.
void stream_state::wait_end(waiter& who) {
    if (!watching_ && !closing_ && transport_->can_watch()) {
        watching_ = true;
        add_ref();
        transport_->start_watch(io_handler(watch_));
    }
    closers_.push_back(who);
}

void stream_state::leave_end(waiter& who) noexcept {
    who.unlink();
    if (watching_ && closers_.empty() && transport_) transport_->cancel();
}

void stream_state::watch_done() noexcept {
    watching_ = false;
    if (!transport_) return release();
    const scheduler::io_step step(sched_);
    if (!broken_ && transport_->is_broken()) write_failed(boost::asio::error::broken_pipe);
    release();
}

bool stream_state::is_closing() noexcept { return closing_ || broken_ || (transport_ && transport_->is_broken()); }

void stream_state::throw_end() const {
    if (!transport_) return;
    if (read_error_) fail(read_error_, "connection with ");
    if (write_error_) fail(write_error_, "connection with ");
    if (goodbye_late_) {
        const duration limit = std::min(goodbye_limit_, flush_limit_);
        throw timeout_error("the connection with " + peer_text() + " was aborted: the peer has not ended it, or not taken what was left, within " +
                            duration_text(limit));
    }
}

}  // namespace brio::inline v0::detail
