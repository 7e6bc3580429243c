// SPDX-License-Identifier: BSL-1.0
// Streaming bodies.
#include "http/response_stream.hpp"

#include "http/body_reader.hpp"

#include <brio/core/error.hpp>
#include <brio/core/sleep.hpp>

#include <algorithm>
#include <exception>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t longest_line = 1024 * 1024;
using namespace std::chrono_literals;

}  // namespace

response_stream::response_stream(std::shared_ptr<const response_data> whole)
    : head(*whole), content_length(whole->body().size()), whole_(std::move(whole)), limits_({}, {}, {}, {}) {}

response_stream::response_stream(std::shared_ptr<session_core> core, pool::lease from, const call_limits& limits,
                                 response_head answered, const coding_list& codings)
    : head(std::move(answered)), core_(std::move(core)), lease_(std::move(from)), limits_(limits) {
    content_length = lease_.get().parser.content_length();
    limits_.drop_total();
    if (codings.size > 0) {
        decoder_.emplace();
        decoder_->start(codings);
    }
    if (lease_.get().parser.done()) finish();  // there is no body
}

void response_stream::finish() {
    finished_ = true;
    connection& from = lease_.get();
    lease_.give_back(from.is_reusable());
}

awaitable<std::string_view> response_stream::next_raw() {
    if (!lease_.get().input.was_full()) turn_.rest();
    if (turn_.spend()) co_await sleep(0s);
    const std::string_view piece = co_await read_piece(lease_.get(), limits_);
    co_return piece;
}

awaitable<std::string_view> response_stream::next_decoded() {
    for (;;) {
        const content_decoder::output out = decoder_->next();
        if (out.what == content_decoder::event::data) co_return out.data;
        if (out.what == content_decoder::event::busy) {
            co_await sleep(0s);
            continue;
        }
        const std::string_view raw = co_await next_raw();
        if (raw.empty()) {
            decoder_->finish();
            co_return raw;
        }
        decoder_->feed(raw);
    }
}

awaitable<std::string_view> response_stream::next() { return line_end_ < line_.size() ? behind_line() : next_piece(); }

awaitable<std::string_view> response_stream::behind_line() {
    const std::string_view rest = std::string_view(line_).substr(line_end_);
    line_end_ = line_.size();
    co_return rest;
}

awaitable<std::string_view> response_stream::next_piece() {
    if (finished_) co_return std::string_view();
    if (whole_) {
        finished_ = true;
        co_return whole_->body();
    }
    if (reading_) throw invalid_state_error("two tasks read one response stream at the same time");
    if (!broken_ && core_->is_closed()) {
        lease_.drop();
        std::rethrow_exception(closed_meanwhile());
    }
    if (broken_) throw invalid_state_error("this response stream has failed before: it cannot be read further");
    reading_ = true;
    broken_ = true;  // until the read has succeeded
    struct guard {
        bool& flag;
        ~guard() { flag = false; }
    } reading{reading_};
    std::exception_ptr error;
    std::string_view piece;
    try {
        if (decoder_) {
            piece = co_await next_decoded();
        } else {
            piece = co_await next_raw();
        }
    } catch (http::error& e) {
        e.attach_url(head.url.str());
        error = std::current_exception();
        if (core_->is_closed() && dynamic_cast<connection_lost*>(&e)) error = closed_meanwhile();
    } catch (...) {
        error = std::current_exception();
    }
    if (error) {
        lease_.drop();
        std::rethrow_exception(error);
    }
    broken_ = false;
    if (piece.empty()) finish();
    co_return piece;
}

std::exception_ptr response_stream::closed_meanwhile() const {
    session_closed closed("the session was closed while the body was read");
    closed.attach_url(head.url.str());
    return std::make_exception_ptr(closed);
}

void response_stream::too_large(std::uint64_t limit, std::uint64_t received, std::string_view knob) const {
    body_too_large error(limit, received, knob);
    error.attach_url(head.url.str());
    throw error;
}

awaitable<std::optional<std::string_view>> response_stream::next_line() {
    std::size_t searched = line_end_;
    for (;;) {
        const std::size_t found = line_.find('\n', searched);
        const std::size_t size = std::min(found, line_.size()) - line_end_;
        if (size > longest_line) too_large(longest_line, size, "next_chunk(), which has no limit,");
        if (found != line_.npos) {
            std::string_view line = std::string_view(line_).substr(line_end_, size);
            if (line.ends_with('\r')) line.remove_suffix(1);
            line_end_ = found + 1;
            co_return line;
        }
        line_.erase(0, line_end_);
        line_end_ = 0;
        searched = line_.size();
        const std::string_view piece = co_await next_piece();
        if (piece.empty()) break;
        line_ += piece;
    }
    if (line_.empty()) co_return std::nullopt;
    line_end_ = line_.size();
    co_return std::string_view(line_);
}

}  // namespace brio::inline v0::http::detail

namespace brio::inline v0::http {

const detail::response_head& detail::response_access::head(const streaming_response& of) noexcept { return of.stream_->head; }

streaming_response::streaming_response(std::unique_ptr<detail::response_stream> stream) noexcept : stream_(std::move(stream)) {}
streaming_response::streaming_response(streaming_response&&) noexcept = default;
streaming_response& streaming_response::operator=(streaming_response&&) noexcept = default;
streaming_response::~streaming_response() = default;

unsigned streaming_response::status() const noexcept { return stream_->head.status; }
std::string_view streaming_response::reason() const noexcept { return stream_->head.reason; }
const headers& streaming_response::headers() const noexcept { return stream_->head.headers; }
std::optional<std::string_view> streaming_response::header(std::string_view name) const noexcept {
    return stream_->head.headers.get(name);
}
const url& streaming_response::url() const noexcept { return stream_->head.url; }
const std::vector<redirect>& streaming_response::history() const noexcept { return stream_->head.history; }
const timings& streaming_response::timings() const noexcept { return stream_->head.times; }
std::optional<std::uint64_t> streaming_response::content_length() const noexcept { return stream_->content_length; }

awaitable<std::optional<std::string_view>> streaming_response::next_chunk() {
    const std::string_view piece = co_await stream_->next();
    if (piece.empty()) co_return std::nullopt;
    co_return piece;
}

awaitable<std::optional<std::string_view>> streaming_response::next_line() { return stream_->next_line(); }

awaitable<std::string> streaming_response::read(std::uint64_t max_size) {
    std::string body;
    for (;;) {
        const std::string_view piece = co_await stream_->next();
        if (piece.empty()) co_return body;
        if (body.size() + piece.size() > max_size) stream_->too_large(max_size, body.size() + piece.size(), "the max_size of read()");
        body += piece;
    }
}

void streaming_response::raise_for_status() const {
    if (status() >= 400) throw status_error(status(), url().str(), {});
}

}  // namespace brio::inline v0::http
