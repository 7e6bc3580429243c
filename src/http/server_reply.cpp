// SPDX-License-Identifier: BSL-1.0
// A connection's answers.
#include "http/reply_sink.hpp"
#include "http/server_connection.hpp"

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/core/version.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http/error.hpp>

#include <exception>
#include <string>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

using access = server_access;

const std::string default_name = "brio/" + std::to_string(BRIO_VERSION_MAJOR) + "." + std::to_string(BRIO_VERSION_MINOR);

constexpr std::size_t worth_a_copy = 16 * 1024;  // bodies up to that go out in one piece with the head

void report(const std::string& what, const std::exception_ptr& error) {
    log(log_level::error, "http server: " + what + ": " + brio::detail::describe(error));
}

}  // namespace

awaitable<> server_connection::refuse(unsigned status) {
    lingering_ = true;
    begun_ = brio::detail::scheduler::current()->turn_time();
    reply made = core_->error_reply(status);
    made.close();
    co_await send(std::move(made));
}

// Whether the connection can go on after this answer, as far as that is known before it is sent.
bool server_connection::may_stay(const reply& made) const {
    if (!parser_.head_done() || !parser_.keep_alive() || access::closes(made) || core_->is_draining() || lingering_) return false;
    const std::size_t most = access::max_requests(core_->options);
    if (most != 0 && served_ >= most) return false;
    if (parser_.done()) return true;
    if (parser_.expects_continue() && !invited_) return false;  // it may send the body all the same, or not
    if (dynamic_cast<const reply_producer*>(access::source(made).get())) return true;  // that may read the body
    return parser_.content_length().value_or(0) - parser_.received() <= 64 * 1024;
}

std::optional<response_facts> server_connection::write_head(const reply& made, body_plan plan, bool keep) {
    output_.clear();
    response_spec spec{made.status(), {}, made.headers(), plan};
    const std::string& name = access::name(core_->options);
    spec.date = core_->date.at(std::chrono::system_clock::now());
    spec.server = name.empty() ? std::string_view(default_name) : std::string_view(name);
    spec.request_version = parser_.head_done() ? parser_.version() : 11;
    spec.head_request = parser_.head_done() && parser_.method() == "HEAD";
    spec.keep_alive = keep;
    try {
        return write_response_head(output_, spec);
    } catch (const invalid_request&) {
        report("a handler's reply cannot be sent", std::current_exception());
    }
    return std::nullopt;
}

awaitable<bool> server_connection::send(reply made) {
    auto source = access::source(made);
    const auto producer = std::dynamic_pointer_cast<reply_producer>(source);
    const auto taker = std::dynamic_pointer_cast<connection_taker>(source);
    body_plan plan = body_plan::sized(made.body().size());
    if (producer) plan = access::length(made) ? body_plan::sized(*access::length(made)) : body_plan::chunked();
    const bool stays = may_stay(made);
    if (!stays && !parser_.done()) lingering_ = true;
    std::optional<response_facts> facts = write_head(made, plan, stays);
    if (!facts) {
        made = core_->error_reply(500);
        facts = write_head(made, body_plan::sized(made.body().size()), stays);
        if (!facts) co_return false;
        source.reset();
    }
    bool more = false;
    bool complete = true;
    const unsigned status = made.status();
    sent_before_ = link_.sent() + output_.size();
    try {
        if (source && taker) {
            co_await hand_over(taker);
        } else if (source && producer) {
            more = co_await send_produced(producer, *facts, false);
        } else {
            more = co_await send_plain(std::move(made), *facts);
        }
    } catch (const http::error&) {  // the client has gone, or takes too long
        complete = false;
        more = false;
        link_.abort();
    }
    note(status, complete);
    co_return more;
}

awaitable<bool> server_connection::send_plain(reply made, response_facts facts) {
    rate_guard pace = {access::write_timeout(core_->options), access::min_rate(core_->options), access::rate_grace(core_->options)};
    const std::string& body = made.body();
    const bool apart = facts.send_body && body.size() > worth_a_copy;
    if (facts.send_body && !apart) output_ += body;
    co_await link_.send(output_, pace);
    if (apart) co_await link_.send(body, pace);
    co_return facts.keep_alive;
}

awaitable<bool> server_connection::send_produced(std::shared_ptr<reply_producer> producer, response_facts facts, bool pack) {
    rate_guard pace = {access::write_timeout(core_->options), access::min_rate(core_->options), access::rate_grace(core_->options)};
    co_await link_.send(output_, pace);
    if (!facts.send_body) co_return facts.keep_alive;
    std::unique_ptr<gzip_encoder> packer;
    if (pack) packer = std::make_unique<gzip_encoder>();
    reply_sink sink(link_, facts.body, pace, std::move(packer));
    reply_writer writer(sink);
    std::exception_ptr error;
    try {
        co_await producer->produce(writer);
        co_await sink.finish();
    } catch (const connection_lost&) {
        throw;
    } catch (const timeout&) {
        throw;
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    if (!error) co_return facts.keep_alive;
    report("the body of a reply could not be made", error);
    throw connection_lost(phase::body, "the body of the reply could not be made");
}

awaitable<bool> server_connection::hand_over(std::shared_ptr<connection_taker> taker) {
    rate_guard pace = {access::write_timeout(core_->options), access::min_rate(core_->options), access::rate_grace(core_->options)};
    co_await link_.send(output_, pace);
    lingering_ = false;
    stream raw = link_.take();
    std::exception_ptr error;
    try {
        co_await taker->then(std::move(raw));
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    if (error) report("the taker of a connection failed", error);
    co_return false;
}

void server_connection::note(unsigned status, bool complete) {
    const access_log& tell = access::log(core_->options);
    if (!tell) return;
    const bool known = parser_.head_done();
    access_record record(client_->peer);
    if (known) {
        record.method = parser_.method();
        record.target = parser_.target();
        record.version = parser_.version();
        record.bytes_in = parser_.received();
        record.referer = parser_.headers().get("Referer").value_or("");
        record.user_agent = parser_.headers().get("User-Agent").value_or("");
    }
    record.status = status;
    record.bytes_out = link_.sent() > sent_before_ ? link_.sent() - sent_before_ : 0;
    record.complete = complete;
    record.duration = brio::detail::scheduler::current()->now() - begun_;
    try {
        tell(record);
    } catch (...) {
        report("the access log failed", std::current_exception());
    }
}

}  // namespace brio::inline v0::http::detail
