// SPDX-License-Identifier: BSL-1.0
// The handle of a stream and its operations.
#include <brio/io/stream.hpp>

#include "io/stream_state.hpp"

#include <brio/core/error.hpp>
#include <brio/detail/task_state.hpp>

#include <sys/socket.h>

#include <limits>

namespace brio::inline v0 {

namespace {

using detail::read_request;
using detail::stream_state;

stream_state& state_of(detail::stream_core& core) noexcept { return static_cast<stream_state&>(core); }

const detail::separator_set& line_feed() {
    static const detail::separator_set one(std::string(1, '\n'));
    return one;
}

// For people: what the limit is, and what was found.
std::string too_long_text(read_request::verdict how, const char* what, std::size_t limit) {
    const std::string of = std::string(what) + " longer than the limit of " + std::to_string(limit) + " bytes";
    if (how == read_request::verdict::found_late) return "the separator was found, behind " + of;
    return "no separator was found in " + of;
}

// The end of a read up to a line feed: a line, the rest before the end of the stream, or an error.
std::string take_line(stream_state& state, read_request::verdict how, std::size_t size) {
    detail::input_buffer& input = state.input();
    if (how == read_request::verdict::take || how == read_request::verdict::incomplete) return input.take(size);
    const std::size_t dropped = how == read_request::verdict::found_late ? size + 1 : input.size();
    input.drop(dropped);
    throw limit_overrun_error(too_long_text(how, "a line", state.limit()) + "; it was dropped", dropped);
}

}  // namespace

namespace detail {

stream_reader::~stream_reader() {
    if (!was_moved()) state_of(core()).leave_read(*this);
}

bool stream_reader::ready() { return state_of(core()).begin_read(*this); }

void stream_reader::suspend() { state_of(core()).wait_read(*this); }

cancel_reply stream_reader::cancel() noexcept { return state_of(core()).cancel_read(*this); }

void stream_reader::leave() {
    state_of(core()).leave_read(*this);
    if (leaving) {
        if (verdict == read_request::verdict::wait) throw waiting_task()->take_cancel();
        waiting_task()->defer_cancel();  // the bytes are there, and cannot be put back
    }
    if (verdict == read_request::verdict::wait) state_of(core()).throw_read_error();
}

}  // namespace detail

std::string stream::read_operation::resume() {
    leave();
    detail::input_buffer& input = state_of(core()).input();
    std::string taken = input.take(request_.size());
    if (verdict == read_request::verdict::incomplete) throw incomplete_read_error(std::move(taken), request_.count());
    return taken;
}

std::size_t stream::read_into_operation::resume() {
    leave();
    if (direct > 0) return direct;
    state_of(core()).input().take(data_, request_.size());
    return request_.size();
}

std::string stream::read_until_operation::resume() {
    leave();
    stream_state& inside = state_of(core());
    switch (verdict) {
        case read_request::verdict::incomplete: throw incomplete_read_error(inside.input().take(request_.size()), std::nullopt);
        case read_request::verdict::too_long:
        case read_request::verdict::found_late:
            throw limit_overrun_error(too_long_text(verdict, "a chunk", inside.limit()) + "; nothing was taken", request_.size());
        case read_request::verdict::wait:
        case read_request::verdict::take: break;
    }
    return inside.input().take(request_.size());
}

const detail::separator_set* stream::read_line_operation::separators() const noexcept { return &line_feed(); }
const detail::separator_set* stream::next_line_operation::separators() const noexcept { return &line_feed(); }

std::string stream::read_line_operation::resume() {
    leave();
    return take_line(state_of(core()), verdict, request_.size());
}

std::optional<std::string> stream::next_line_operation::resume() {
    leave();
    std::string line = take_line(state_of(core()), verdict, request_.size());
    if (line.empty()) return std::nullopt;
    if (line.back() == '\n') {
        line.pop_back();
        if (!line.empty() && line.back() == '\r') line.pop_back();
    }
    return line;
}

bool stream::write_operation::ready() { return state_of(core()).may_write(); }
void stream::write_operation::suspend() { state_of(core()).wait_write(*this); }
void stream::write_operation::resume() { state_of(core()).throw_write_error(); }
detail::cancel_reply stream::write_operation::cancel() noexcept {
    unlink();
    return detail::cancel_reply::left;
}

bool stream::wait_closed_operation::ready() noexcept { return state_of(core()).is_over(); }
void stream::wait_closed_operation::suspend() { state_of(core()).wait_end(*this); }
void stream::wait_closed_operation::resume() { state_of(core()).throw_end(); }
detail::cancel_reply stream::wait_closed_operation::cancel() noexcept {
    state_of(core()).leave_end(*this);
    return detail::cancel_reply::left;
}

// The handle.

detail::stream_core& stream::require() const {
    if (!core_) throw invalid_state_error("this stream is empty: it was moved from, or never opened");
    return *core_;
}

void stream::let_go() noexcept {
    if (core_) state_of(*core_).close();
}

stream& stream::operator=(stream&& other) noexcept {
    if (this != &other) {
        let_go();
        core_ = std::move(other.core_);
    }
    return *this;
}

stream::~stream() { let_go(); }

stream::read_operation stream::read(std::ptrdiff_t n, const source_location& where) {
    const read_request what = n < 0 ? read_request::all() : read_request::some(static_cast<std::size_t>(n));
    return read_operation(require(), what, "stream.read()", where);
}

stream::read_into_operation stream::read_into(void* data, std::size_t size, const source_location& where) {
    return read_into_operation(require(), data, size, where);
}

stream::read_into_operation stream::read_into(std::span<std::byte> data, const source_location& where) {
    return read_into(data.data(), data.size(), where);
}

stream::read_into_operation stream::read_into(std::span<char> data, const source_location& where) {
    return read_into(data.data(), data.size(), where);
}

stream::read_operation stream::read_exactly(std::size_t n, const source_location& where) {
    return read_operation(require(), read_request::exactly(n), "stream.read_exactly()", where);
}

stream::read_until_operation stream::read_until(std::string separator, const source_location& where) {
    return read_until_operation(require(), detail::separator_set(std::move(separator)), where);
}

stream::read_until_operation stream::read_until(std::vector<std::string> separators, const source_location& where) {
    return read_until_operation(require(), detail::separator_set(std::move(separators)), where);
}

stream::read_line_operation stream::read_line(const source_location& where) { return {require(), where}; }
stream::next_line_operation stream::next_line(const source_location& where) { return {require(), where}; }

bool stream::at_eof() { return state_of(require()).at_end(); }
std::size_t stream::limit() const { return state_of(require()).limit(); }

stream::write_operation stream::write(std::string_view data, const source_location& where) {
    state_of(require()).write(data);
    return {*core_, where};
}

stream::write_operation stream::write(std::span<const std::byte> data, const source_location& where) {
    return write(std::string_view(reinterpret_cast<const char*>(data.data()), data.size()), where);
}

stream::write_operation stream::write_lines(std::span<const std::string_view> pieces, const source_location& where) {
    state_of(require()).write(pieces);
    return {*core_, where};
}

stream::write_operation stream::write_lines(std::span<const std::string> pieces, const source_location& where) {
    const std::vector<std::string_view> views(pieces.begin(), pieces.end());
    return write_lines(std::span<const std::string_view>(views), where);
}

stream::write_operation stream::drain(const source_location& where) { return {require(), where}; }
void stream::write_eof() { state_of(require()).write_eof(); }
bool stream::can_write_eof() const { return state_of(require()).can_write_eof(); }
std::size_t stream::pending_write_bytes() const { return state_of(require()).unsent(); }

void stream::set_write_limits(std::size_t high, std::optional<std::size_t> low) {
    state_of(require()).set_marks(high, low.value_or(high / 4));
}

void stream::close() noexcept { let_go(); }

void stream::abort() noexcept {
    if (core_) state_of(*core_).abort();
}

bool stream::is_closing() const noexcept { return !core_ || state_of(*core_).is_closing(); }
stream::wait_closed_operation stream::wait_closed(const source_location& where) { return {require(), where}; }

const address& stream::peer_address() const { return state_of(require()).peer(); }

address stream::local_address() const {
    sockaddr_storage room{};
    socklen_t size = sizeof room;
    const int descriptor = state_of(require()).native_handle();
    if (descriptor < 0 || ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&room), &size) != 0) return {};
    return address::from_native(reinterpret_cast<const sockaddr*>(&room), size);
}

int stream::native_handle() const { return state_of(require()).native_handle(); }

}  // namespace brio::inline v0
