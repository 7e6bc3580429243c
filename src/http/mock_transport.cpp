// SPDX-License-Identifier: BSL-1.0
// Requests are parsed as a server does, replies come when their time has come.
#include "http/mock_transport.hpp"

#include <brio/core/loop.hpp>
#include <brio/detail/scheduler.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

using brio::detail::io_handler;
using brio::detail::io_result;

constexpr std::uint64_t most_body = std::uint64_t{1} << 40;

} // namespace

mock_transport::mock_transport(std::shared_ptr<mock_state> state, std::string origin)
    : state_(std::move(state)), origin_(std::move(origin)), sched_(brio::detail::scheduler::require("a mock")),
      context_(get_running_loop().context()) {
    parser_.reset(most_body);
}

mock_transport::~mock_transport() { sched_.disarm(*this); }

bool mock_transport::try_read(void* data, std::size_t size, io_result& result) noexcept {
    if (!ready_.empty()) {
        result.bytes = std::min(size, ready_.size());
        std::memcpy(data, ready_.data(), result.bytes);
        ready_.erase(0, result.bytes);
        return true;
    }
    if (!ended_ && !closed_) return false;
    result.ec = boost::asio::error::eof;
    if (breaks_) result.ec = boost::asio::error::connection_reset;
    if (closed_) result.ec = boost::asio::error::operation_aborted;
    return true;
}

bool mock_transport::try_write(std::string_view data, io_result& result) noexcept {
    if (closed_ || ended_) {
        result.ec = boost::asio::error::broken_pipe;
        return true;
    }
    result.bytes = data.size();
    try {
        take(data);
    } catch (...) { // the handler's error, or a request that is none: the connection breaks
        coming_.clear();
        ended_ = breaks_ = true;
    }
    settle();
    return true;
}

void mock_transport::start_read(void* data, std::size_t size, io_handler handler) {
    reader_.emplace(std::move(handler));
    room_ = data;
    room_size_ = size;
    settle();
}

void mock_transport::start_write(std::string_view data, io_handler handler) {
    io_result result;
    try_write(data, result);
    post(std::move(handler), result);
}

void mock_transport::cancel() noexcept {
    if (!reader_) return;
    io_handler handler = std::move(*reader_);
    reader_.reset();
    post(std::move(handler), {boost::asio::error::operation_aborted, 0});
}

void mock_transport::close() noexcept {
    closed_ = true;
    coming_.clear();
    ready_.clear();
    sched_.disarm(*this);
    cancel();
}

bool mock_transport::is_quiet() noexcept {
    settle();
    return !closed_ && !ended_ && ready_.empty();
}

void mock_transport::fire() noexcept { settle(); }

// What is due has arrived, and a reader that waits for it is told.
void mock_transport::settle() noexcept {
    const auto now = sched_.now();
    while (!coming_.empty() && coming_.front().when <= now) {
        if (coming_.front().bytes.empty()) ended_ = true;
        ready_ += coming_.front().bytes;
        coming_.pop_front();
    }
    io_result result;
    if (reader_ && try_read(room_, room_size_, result)) {
        io_handler handler = std::move(*reader_);
        reader_.reset();
        post(std::move(handler), result);
    }
    sched_.disarm(*this);
    if (!coming_.empty()) sched_.arm(*this, coming_.front().when);
}

void mock_transport::post(io_handler handler, const io_result& result) {
    boost::asio::post(context_, [h = std::move(handler), result]() mutable { h(result.ec, result.bytes); });
}

void mock_transport::take(std::string_view data) {
    input_ += data;
    while (!input_.empty()) {
        const parse_result step = parser_.feed(input_);
        if (step.event == parse_event::body) body_ += step.body;
        input_.erase(0, step.consumed);
        if (parser_.done()) {
            serve();
            continue;
        }
        if (parser_.head_done() && parser_.expects_continue() && !std::exchange(continued_, true)) {
            coming_.push_back({sched_.now(), "HTTP/1.1 100 Continue\r\n\r\n"});
        }
        if (step.event == parse_event::need_more) return;
    }
}

void mock_transport::serve() {
    std::string url(parser_.path_and_query());
    url.insert(0, origin_);
    mock_request request(std::string(parser_.method()), http::url(url), std::move(parser_.headers()), std::exchange(body_, std::string()));
    parser_.reset(most_body);
    continued_ = false;
    state_->requests.push_back(request);
    send(state_->deliver(request));
}

void mock_transport::send(const mock_state::delivery& reply) {
    auto when = sched_.now() + reply.delay;
    if (!coming_.empty()) when = std::max(when, coming_.back().when);
    const std::size_t piece = reply.piece > 0 ? reply.piece : std::max<std::size_t>(reply.bytes.size(), 1);
    for (std::size_t at = 0; at < reply.bytes.size(); at += piece) {
        if (at > 0) when += reply.pause;
        coming_.push_back({when, reply.bytes.substr(at, piece)});
    }
    breaks_ = reply.breaks;
    if (reply.ends) coming_.push_back({when, std::string()});
}

} // namespace brio::inline v0::http::detail
