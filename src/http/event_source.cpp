// SPDX-License-Identifier: BSL-1.0
// The shell of event streams.
#include "http/event_source.hpp"

#include "http/call.hpp"
#include "http/chars.hpp"
#include "http/middleware_chain.hpp"
#include "http/options_access.hpp"
#include "http/retry_machine.hpp"

#include <brio/detail/scheduler.hpp>
#include <brio/http/error.hpp>
#include <brio/http/mime.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

constexpr unsigned most_failures = 5;
constexpr std::chrono::milliseconds longest_backoff = std::chrono::minutes(1);
constexpr std::chrono::milliseconds shortest_backoff{100};  // whatever the server says, where a connection has brought nothing

brio::detail::time_point loop_time() { return brio::detail::scheduler::require("an event stream").now(); }
constexpr const char* last_id_header = "Last-Event-ID";

} // namespace

event_source::event_source(std::shared_ptr<session_core> core, std::string url, options opts)
    : core_(std::move(core)), url_(std::move(url)), opts_(std::move(opts)) {
    headers& fields = options_access::fields(opts_);
    if (!fields.contains("Accept")) fields.add("Accept", "text/event-stream");
    if (!fields.contains("Cache-Control")) fields.add("Cache-Control", "no-store");
    if (const auto id = fields.get(last_id_header)) parser_.set_last_id(std::string(*id));
}

void event_source::disconnect() noexcept {
    from_.reset();
    rest_ = {};
    parser_.restart();
}

awaitable<> event_source::connect() {
    options opts = opts_;
    opts.raise_for_status(false);
    headers& fields = options_access::fields(opts);
    fields.remove(last_id_header);
    if (!last_id().empty() && all(last_id(), value_char)) fields.add(last_id_header, last_id());
    streaming_response answer = co_await stream_through(core_, "GET", url_, std::move(opts));
    if (answer.status() == 204) {
        ended_ = true;
        co_return;
    }
    if (answer.status() != 200) throw status_error(answer.status(), answer.url().str(), {});
    const media_type type(answer.header("Content-Type").value_or(""));
    if (type.essence() != "text/event-stream") {
        protocol_error wrong(phase::headers, "the content type '" + printable(type.essence()) + "' is no event stream");
        wrong.attach_url(answer.url().str());
        throw wrong;
    }
    from_.emplace(std::move(answer));
    was_connected_ = true;
    connected_ = loop_time();
}

// nullopt: the body has ended.
awaitable<std::optional<server_event>> event_source::read() {
    for (;;) {
        if (auto event = parser_.feed(rest_)) co_return event;
        const auto piece = co_await from_->next_chunk();
        if (!piece) co_return std::nullopt;
        rest_ = *piece;
    }
}

awaitable<> event_source::pause() {
    const auto wanted = failures_ > 0 ? std::max(parser_.pause(), shortest_backoff) : parser_.pause();
    const auto longer = wanted * (1 << std::min(failures_, 10U));
    ++failures_;
    pause_ = std::min(longer, std::max(longest_backoff, parser_.pause()));
    co_await core_->sleep_until(loop_time() + pause_);
}

awaitable<std::optional<server_event>> event_source::next() {
    while (!ended_) {
        std::exception_ptr error;
        std::optional<server_event> event;
        try {
            if (!from_) co_await connect();
            if (from_) event = co_await read();
        } catch (...) {
            error = std::current_exception();
        }
        if (event) {
            failures_ = 0;
            co_return event;
        }
        if (from_ && loop_time() - connected_ > std::max(pause_, shortest_backoff)) failures_ = 0;  // it was a good one, if a quiet one
        disconnect();
        if (ended_) break;
        if (error && (!was_connected_ || failures_ >= most_failures || !is_passing(error))) {
            failures_ = 0;
            was_connected_ = false;
            std::rethrow_exception(error);
        }
        co_await pause();
    }
    co_return std::nullopt;
}

} // namespace brio::inline v0::http::detail

namespace brio::inline v0::http {

event_stream::event_stream(std::unique_ptr<detail::event_source> source) noexcept : source_(std::move(source)) {}
event_stream::event_stream(event_stream&&) noexcept = default;
event_stream& event_stream::operator=(event_stream&&) noexcept = default;
event_stream::~event_stream() = default;

awaitable<std::optional<server_event>> event_stream::next() { return source_->next(); }
const std::string& event_stream::last_event_id() const noexcept { return source_->last_id(); }

} // namespace brio::inline v0::http
