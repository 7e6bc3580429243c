// SPDX-License-Identifier: BSL-1.0
// Requests of one connection, one after the other.
#include "http/server_connection.hpp"

#include "http/while_connected.hpp"

#include <brio/core/error.hpp>
#include <brio/core/sleep.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http/error.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

using brio::detail::io_result;
using brio::detail::scheduler;
using duration = server_options::duration;
using namespace std::chrono_literals;

constexpr std::uint64_t little = 64 * 1024;  // of a body that nobody has read

parser_limits limits_of(const server_options& options) {
    parser_limits limits;
    limits.head = server_access::max_head(options);
    limits.field = std::min(limits.field, limits.head);
    limits.fields = server_access::max_header_fields(options);
    return limits;
}

duration patience_of(duration limit) { return limit > duration::zero() ? limit : duration::max(); }

std::shared_ptr<const client_facts> facts_of(const stream& client, bool secure) {
    auto made = std::make_shared<client_facts>();
    made->peer = client.peer_address();
    made->secure = secure;
    return made;
}

awaitable<> keep_answer(awaitable<reply> from, std::optional<reply>& to) { to = co_await std::move(from); }

rate_guard pace_of(duration longest, const server_options& options) {
    return {longest, server_access::min_rate(options), server_access::rate_grace(options)};
}

}  // namespace

/// The body of the request that is being served, as its handler reads it.
class body_of_connection final : public request_source {
public:
    body_of_connection(server_connection& of, std::uint64_t most) : of_(&of), most_(most), announced_(of.parser_.content_length()) {}
    void cut_off() noexcept { of_ = nullptr; }

    awaitable<std::optional<std::string>> next_piece() override {
        if (!of_) throw invalid_state_error("the body of a request can be read until its reply has been sent, not later");
        const std::shared_ptr<server_connection> keep = of_->shared_from_this();
        const std::string_view piece = co_await keep->next_body_view();
        if (piece.empty()) co_return std::nullopt;
        co_return std::string(piece);
    }
    [[nodiscard]] std::uint64_t most() const noexcept override { return most_; }
    [[nodiscard]] std::optional<std::uint64_t> announced() const noexcept override { return announced_; }

private:
    server_connection* of_;
    std::uint64_t most_;
    std::optional<std::uint64_t> announced_;
};

server_connection::server_connection(std::shared_ptr<server_core> core, stream client)
    : core_(std::move(core)), link_(std::move(client)),
      client_(facts_of(link_.as_stream(), server_access::tls(core_->options).has_value())), parser_(limits_of(core_->options)),
      body_pace_(pace_of({}, core_->options)) {
    core_->entered(*this);
}

server_connection::~server_connection() {
    end_body();
    core_->left(*this);
}

void server_connection::leave_soon() noexcept {
    if (idle_) link_.interrupt();
    if (taker_ && taker_->leave) taker_->leave();
}

awaitable<> server_connection::serve() {
    for (bool more = true; more;) {
        begin_request();
        const arrival came = co_await read_head();
        if (came == arrival::gone) co_return;
        if (came == arrival::refused) {
            co_await refuse(parser_.error_status());
            break;
        }
        if (came == arrival::late) {
            too_slow_ = true;
            co_await refuse(408);
            break;
        }
        more = co_await serve_request();
        if (more && turn_.spend()) co_await sleep(0s);
    }
    if (lingering_) co_await link_.linger();
}

void server_connection::begin_request() {
    parser_.reset(std::numeric_limits<std::uint64_t>::max());  // the limit of the body is the route's
    body_pace_ = pace_of(server_access::read_timeout(core_->options), core_->options);
    invited_ = answering_ = false;
    body_limit_ = 0;
    sent_before_ = link_.sent();
}

awaitable<server_connection::arrival> server_connection::read_head() {
    brio::detail::time_point deadline = wait_until(patience_of(server_access::keep_alive(core_->options)));
    bool begun = !link_.input.empty();
    if (begun) deadline = wait_until(patience_of(server_access::read_timeout(core_->options)));
    for (;;) {
        if (!link_.input.empty()) {
            try {
                const parse_result step = parser_.feed(link_.input.pending());
                link_.input.consume(step.consumed);
                if (parser_.head_done()) break;
                if (step.event != parse_event::need_more) continue;
            } catch (const http::error&) {
                co_return arrival::refused;
            }
        }
        if (!begun && core_->is_draining()) co_return arrival::gone;
        idle_ = !begun;
        if (!link_.input.was_full()) turn_.rest();
        const io_result got = co_await link_.read(deadline);
        idle_ = false;
        if (got.ec == boost::asio::error::timed_out && parser_.got_some()) co_return arrival::late;
        if (got.ec) co_return arrival::gone;  // also in time: whoever has asked for nothing is told nothing
        link_.input.filled(got.bytes);
        if (!begun) deadline = wait_until(patience_of(server_access::read_timeout(core_->options)));
        begun = true;
    }
    begun_ = scheduler::current()->turn_time();
    ++served_;
    co_return arrival::complete;
}

awaitable<bool> server_connection::serve_request() {
    const std::string_view target = parser_.path_and_query();
    struct end_of_request {  // however it ends
        ~end_of_request() { of.end_body(); }
        server_connection& of;
    } const last{*this};
    reply made;
    try {
        made = co_await make_answer(core_->route(parser_.method(), target.substr(0, target.find('?'))));
    } catch (const refusal& e) {
        made = core_->error_reply(e.status(), e.what());
    } catch (const client_gone&) {
        note(499, false);
        co_return false;
    }
    bool more = co_await send(std::move(made));
    const bool left_behind = reading_;  // by a task of the handler's
    end_body();
    if (left_behind) co_return false;
    if (more && !parser_.done()) more = co_await skip_body();
    co_return more;
}

void server_connection::end_body() noexcept {
    if (body_) body_->cut_off();
    body_.reset();
    if (!reading_) return;
    lingering_ = false;  // two cannot read
    link_.interrupt();
}

awaitable<reply> server_connection::make_answer(destination to) {
    const bool streams = to.route && to.route->options.is_stream_body();
    const std::uint64_t most = to.route ? to.route->options.chosen_max_body().value_or(server_access::max_body(core_->options)) : 0;
    server_access::request_parts parts;
    parts.method = parser_.method();
    parts.target = parser_.path_and_query().empty() ? parser_.target() : parser_.path_and_query();
    parts.version = parser_.version();
    parts.params = std::move(to.params);
    parts.client = client_;
    if (streams && !parser_.done()) {
        const bool limited = to.route->options.chosen_max_body().has_value();
        body_limit_ = limited ? most : std::numeric_limits<std::uint64_t>::max();
        body_ = std::make_shared<body_of_connection>(*this, most);
        parts.source = body_;
    }
    parts.fields = parser_.headers();
    to.method = parser_.method();
    to.asked = &parser_.headers();
    server_request request = server_access::make_request(std::move(parts));
    if (to.route && !streams && !parser_.done()) {
        std::string whole = co_await read_body(most);
        server_access::set_body(request, std::move(whole));
    }
    if (!server_access::cancels(core_->options) || !parser_.done()) co_return co_await core_->answer(std::move(request), std::move(to));
    std::optional<reply> made;
    co_await while_connected(link_, keep_answer(core_->answer(std::move(request), std::move(to)), made));
    co_return std::move(*made);
}

awaitable<std::string> server_connection::read_body(std::uint64_t most) {
    body_limit_ = most;
    std::string whole;
    for (;;) {
        const std::string_view piece = co_await next_body_view();
        if (piece.empty()) co_return whole;
        whole += piece;
    }
}

awaitable<> server_connection::invite() {
    if (invited_ || answering_ || !parser_.expects_continue() || !link_.input.empty()) co_return;
    invited_ = true;
    rate_guard pace = pace_of(server_access::write_timeout(core_->options), core_->options);
    co_await link_.send("HTTP/1.1 100 Continue\r\n\r\n", pace);
}

awaitable<std::string_view> server_connection::next_body_view() {
    if (reading_) throw invalid_state_error("server_request.next_chunk(): another task reads the same body");
    struct mark {
        explicit mark(bool& flag) noexcept : set(flag) { set = true; }
        ~mark() { set = false; }
        bool& set;
    } const mine(reading_);
    const auto exceeded = [this](std::uint64_t bytes) {
        if (bytes <= body_limit_) return;
        lingering_ = true;
        throw refusal(413, "the body exceeds the limit of " + std::to_string(body_limit_) + " bytes");
    };
    exceeded(parser_.content_length().value_or(0));
    if (turn_.spend()) co_await sleep(0s);
    while (!parser_.done()) {
        if (!link_.input.empty()) {
            parse_result step{};
            try {
                step = parser_.feed(link_.input.pending());
            } catch (const http::error&) {
                lingering_ = true;
                throw refusal(parser_.error_status(), "the body is malformed");
            }
            link_.input.consume(step.consumed);
            if (step.event == parse_event::body) {
                exceeded(parser_.received());
                if (!step.body.empty()) co_return step.body;
            }
            if (step.event != parse_event::need_more) continue;
        }
        co_await invite();
        try {
            if (!link_.input.was_full()) turn_.rest();
            co_await link_.read_more(body_pace_);
        } catch (const timeout&) {
            lingering_ = too_slow_ = true;
            throw refusal(408, "the body did not come in time");
        }
    }
    co_return std::string_view();
}

awaitable<bool> server_connection::skip_body() {
    if (parser_.expects_continue() && !invited_) co_return false;
    body_limit_ = parser_.received() + little;
    try {
        for (;;) {
            const std::string_view piece = co_await next_body_view();
            if (piece.empty()) co_return true;
        }
    } catch (const http::error&) {
    }
    co_return false;
}

awaitable<> serve_connection(std::shared_ptr<server_core> core, stream client) {
    const auto one = std::make_shared<server_connection>(std::move(core), std::move(client));
    co_await one->serve();
}

}  // namespace brio::inline v0::http::detail
