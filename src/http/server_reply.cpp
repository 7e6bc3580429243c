// SPDX-License-Identifier: BSL-1.0
// A connection's answers.
#include "http/reply_packing.hpp"
#include "http/reply_sink.hpp"
#include "http/server_connection.hpp"
#include "http/while_connected.hpp"

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/core/version.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http/error.hpp>
#include <brio/http/refusal.hpp>
#include <brio/thread/to_thread.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {


const std::string default_name = "brio/" + std::to_string(BRIO_VERSION_MAJOR) + "." + std::to_string(BRIO_VERSION_MINOR);

constexpr std::size_t worth_a_copy = 16 * 1024;  // bodies up to that go out in one piece with the head

constexpr rate_guard::duration last_word = std::chrono::seconds(1);  // to those who were too slow already, in all ...
constexpr std::uint64_t last_word_rate = 1024;                       // ... but for pages that are larger than that

constexpr std::size_t packed_at_once = 64 * 1024;  // larger ones are compressed in a thread

void report(const std::string& what, const std::exception_ptr& error) {
    log(log_level::error, "http server: " + what + ": " + brio::detail::describe(error));
}

std::string pack_whole(const std::string& body) {
    gzip_encoder packer;
    std::string packed = packer.add(body);
    return packed += packer.finish();
}

body_plan plan_of(const reply& made, bool packs) {
    const reply_source* const source = server_access::source(made).get();
    if (!source || dynamic_cast<const connection_taker*>(source)) return body_plan::sized(made.body().size());
    if (auto* const file = dynamic_cast<const file_body*>(source)) return body_plan::sized(file->size());
    return server_access::length(made) && !packs ? body_plan::sized(*server_access::length(made)) : body_plan::chunked();
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
    if (!parser_.head_done() || !parser_.keep_alive() || server_access::closes(made) || core_->is_draining() || lingering_) return false;
    const std::size_t most = server_access::max_requests(core_->options);
    if (most != 0 && served_ >= most) return false;
    if (parser_.done()) return true;
    if (parser_.expects_continue() && !invited_) return false;  // it may send the body all the same, or not
    if (dynamic_cast<const reply_producer*>(server_access::source(made).get())) return true;  // that may read the body
    return parser_.content_length().value_or(0) - parser_.received() <= 64 * 1024;
}

std::optional<response_facts> server_connection::write_head(const reply& made, body_plan plan, bool keep) {
    output_.clear();
    response_spec spec{made.status(), {}, made.headers(), plan};
    spec.date = core_->date.at(std::chrono::system_clock::now());
    const auto& name = server_access::name(core_->options);
    spec.server = name ? *name : default_name;
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

rate_guard server_connection::write_pace() const {
    if (too_slow_) {
        const rate_guard::duration usual = server_access::write_timeout(core_->options);
        return {usual > rate_guard::duration::zero() ? std::min(usual, last_word) : last_word, last_word_rate, last_word};
    }
    return {server_access::write_timeout(core_->options), server_access::min_rate(core_->options), server_access::rate_grace(core_->options)};
}

awaitable<bool> server_connection::send(reply made) {
    bool packs = false;
    co_await check(made);
    if (is_file(made)) made = co_await with_file(std::move(made));
    if (parser_.head_done() && server_access::compress_from(core_->options)) packs = co_await pack(made);
    const bool stays = may_stay(made);
    if (!stays && !parser_.done()) lingering_ = true;
    std::optional<response_facts> facts = write_head(made, plan_of(made, packs), stays);
    if (!facts) {
        made = co_await with_file(core_->error_reply(500));
        facts = write_head(made, plan_of(made, false), stays);
        if (!facts) co_return false;
    }
    answering_ = true;
    bool more = facts->keep_alive;
    bool complete = true;
    const unsigned status = made.status();
    too_slow_ = too_slow_ && status == 408;  // else the handler had something better to say
    sent_before_ = link_.sent() + output_.size();
    struct cut_off {  // whatever ends this early, the client has to notice that something is missing
        ~cut_off() {
            if (!done) link.abort();
        }
        server_link& link;
        bool done = false;
    } cut{link_};
    try {
        const bool stayed = co_await send_body(std::move(made), *facts, packs);
        more = more && stayed;
        cut.done = true;
        if (!more && link_.has_unread()) lingering_ = true;
    } catch (const http::error&) {  // the client has gone, or takes too long
        complete = more = lingering_ = false;
    }
    note(status, complete);
    co_return more;
}

awaitable<> server_connection::check(reply& made) {
    const bool takes = dynamic_cast<const connection_taker*>(server_access::source(made).get()) != nullptr;
    if (!takes && made.status() >= 200) co_return;
    if (!takes) {
        log(log_level::error, "http server: a handler's final answer cannot have the status " + std::to_string(made.status()));
        made = core_->error_reply(500);
    } else if (reading_) {
        log(log_level::error, "http server: a connection cannot be taken over while a task still reads the request's body");
        made = core_->error_reply(500);
    } else if (!parser_.done()) {
        const bool skipped = co_await skip_body();
        if (!skipped) made = core_->error_reply(too_slow_ ? 408 : 413);
    }
}

awaitable<reply> server_connection::with_file(reply made) {
    static const headers nothing;  // of what is no request
    if (!parser_.head_done()) return core_->find_file(std::move(made), "GET", nothing);
    return core_->find_file(std::move(made), parser_.method(), parser_.headers());
}

awaitable<bool> server_connection::pack(reply& made) {
    if (!choose_packing(made, parser_.headers(), *server_access::compress_from(core_->options))) co_return false;
    if (server_access::source(made)) co_return true;
    std::string& body = server_access::body(made);
    if (body.size() <= packed_at_once) {
        body = pack_whole(body);
    } else {
        body = co_await to_thread(&pack_whole, std::move(body));
    }
    co_return false;
}

awaitable<bool> server_connection::send_body(reply made, response_facts facts, bool packs) {
    const auto source = server_access::source(made);
    if (!source) {
        co_await send_plain(made.body(), facts.send_body);
    } else if (auto* const file = dynamic_cast<const file_body*>(source.get())) {
        co_await send_file(*file, facts.send_body);
    } else if (auto* const taker = dynamic_cast<connection_taker*>(source.get())) {
        co_await hand_over(*taker);
        co_return false;
    } else if (facts.send_body) {
        co_await send_produced(dynamic_cast<reply_producer&>(*source), facts.body, packs);
    } else {
        const std::string nothing;
        co_await send_plain(nothing, false);
    }
    co_return true;
}

awaitable<> server_connection::send_plain(const std::string& body, bool wanted) {
    rate_guard pace = write_pace();
    const bool apart = wanted && body.size() > worth_a_copy;
    if (wanted && !apart) output_ += body;
    co_await link_.send(output_, pace);
    if (apart) co_await link_.send(body, pace);
}

awaitable<> server_connection::send_file(const file_body& body, bool wanted) {
    rate_guard pace = write_pace();
    co_await link_.send(output_, pace);
    if (!wanted) co_return;
    for (const file_body::part& part : body.parts) {
        co_await link_.send(part.lead, pace);
        co_await link_.send_file(body.file, part.range.first, part.range.size, pace);
    }
    co_await link_.send(body.tail, pace);
}

awaitable<> server_connection::send_produced(reply_producer& producer, body_plan plan, bool packs) {
    rate_guard pace = write_pace();
    co_await link_.send(output_, pace);
    std::unique_ptr<gzip_encoder> packer;
    if (packs) packer = std::make_unique<gzip_encoder>();
    reply_sink sink(link_, plan, pace, std::move(packer));
    reply_writer writer(sink);
    std::exception_ptr error;
    try {
        if (server_access::cancels(core_->options) && parser_.done()) {
            co_await while_connected(link_, producer.produce(writer));
        } else {
            co_await producer.produce(writer);
        }
        co_await sink.finish();
    } catch (const client_gone&) {
        throw;
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    if (!error) co_return;
    if (!link_.is_broken()) report("the body of a reply could not be made", error);
    throw connection_lost(phase::body, "the body of the reply could not be made");
}

awaitable<> server_connection::hand_over(connection_taker& taker) {
    rate_guard pace = write_pace();
    co_await link_.send(output_, pace);
    lingering_ = false;
    stream raw = link_.take();
    taker_ = &taker;
    std::exception_ptr error;
    try {
        co_await taker.then(std::move(raw));
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    taker_ = nullptr;
    if (error) report("the taker of a connection failed", error);
}

void server_connection::note(unsigned status, bool complete) {
    const access_log& tell = server_access::log(core_->options);
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
