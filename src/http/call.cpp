// SPDX-License-Identifier: BSL-1.0
// Sending one request, again and elsewhere if need be.
#include "http/call.hpp"

#include "http/body_reader.hpp"
#include "http/chars.hpp"
#include "http/connector.hpp"
#include "http/keep_alive.hpp"
#include "http/options_access.hpp"
#include "http/request_writer.hpp"
#include "http/retry_machine.hpp"
#include "http/tunnel_machine.hpp"
#include "http/upload.hpp"

#include <brio/detail/scheduler.hpp>
#include <brio/http/method.hpp>
#include <brio/http/percent.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {

using access = options_access;
using brio::detail::io_result;
using brio::detail::write_operation;
using time_point = call_limits::time_point;

constexpr std::size_t small_body = 64 * 1024;      // sent together with the head
constexpr std::size_t drained_body = 64 * 1024;    // of a redirect, read to keep its connection
constexpr std::chrono::seconds longest_drain{1};       // ... and this is what its connection is worth
constexpr std::chrono::seconds longest_expectation{1}; // of a 100 Continue
constexpr std::chrono::seconds no_hint{-1};

time_point now() { return brio::detail::scheduler::current()->now(); }
time_point require_now() { return brio::detail::scheduler::require("an HTTP request").now(); }
time_point turn_time() { return brio::detail::scheduler::current()->turn_time(); }

request_kind kind_of(std::string_view method, bool upgrade) noexcept {
    if (upgrade) return request_kind::upgrade;
    return method == "HEAD" ? request_kind::head : request_kind::normal;
}

// Connections through a proxy are shared by those who use the same one with the same credentials.
// A tunnel through a proxy cannot serve those who ask the proxy itself.
pool_key key_of(const http::url& target, const http::url* proxy, bool tunnel) {
    pool_key key(target.scheme(), target.host(), target.port());
    if (proxy) key.with("proxy", std::string(proxy->origin()) + " " + percent_encode(proxy->user()) + ":" + percent_encode(proxy->password()));
    if (proxy && tunnel) key.with("tunnel", "yes");
    return key;
}

}  // namespace

call::call(std::shared_ptr<session_core> core, std::string method, std::string_view url, options opts)
    : core_(std::move(core)),
      began_(require_now()),
      automatic_(auto_all),
      limits_(began_, access::timeout(opts, access::defaults(core_->defaults)),
              access::connect_timeout(opts, access::defaults(core_->defaults)),
              access::read_timeout(opts, access::defaults(core_->defaults))),
      hops_(target_of(url).with_query(access::query(opts)), normalize_method(method),
            redirect_policy{access::redirects(opts, access::defaults(core_->defaults)),
                            access::allow_downgrade(opts, access::defaults(core_->defaults))}),
      retry_(access::retry(opts, access::defaults(core_->defaults))),
      max_body_(access::max_body(opts, access::defaults(core_->defaults))),
      pace_(access::pace(opts, access::defaults(core_->defaults))),
      server_name_(access::server_name(opts)),
      allow_truncated_(access::allow_truncated(opts, access::defaults(core_->defaults))),
      decode_(access::decode(opts, access::defaults(core_->defaults))),
      raises_(access::raise(opts, access::defaults(core_->defaults))) {
    if (!hops_.target().is_http()) {
        throw invalid_url("the scheme '" + std::string(hops_.target().scheme()) + "' is not http or https");
    }
    take_fields(opts, hops_.target());
    number_ = ++core_->calls;
    note(trace_kind::begin, 0, hops_.method());
}

void call::tell(trace_kind what, unsigned status, std::string_view text) const {
    const http::url& target = hops_.target();
    core_->tracer()(trace_event(what, number_, target.str(), times_).set_status(status).set_text(text));
}

void call::opened(const connection& made) {
    times_.resolve = made.opening.resolve;
    times_.connect = made.opening.connect;
    times_.proxy = made.opening.proxy;
    times_.tls = made.opening.tls;
    note(trace_kind::connected);
}

void call::finish(response_head& head) {
    const time_point end = std::max(turn_time(), began_);
    times_.receive = end - headed_;
    times_.total = end - began_;
    head.times = times_;
}

http::url call::target_of(std::string_view text) const { return core_->base ? core_->base->resolve(text) : http::url(text); }

body_kind call::kind_of_body() const noexcept {
    if (source_ && !source_->is_replayable() && body_begun_) return body_kind::one_shot;
    return body_ || source_ ? body_kind::replayable : body_kind::none;
}

body_plan call::write_head(connection& over) {
    const http::url* const proxy = core_->proxy_for(hops_.target());
    if (proxy) sent_fields().remove("Proxy-Authorization"); // it would pass the tunnel; the proxy's URL holds its credentials
    std::string for_proxy;
    body_plan plan;
    if (hops_.send_body() && body_) plan = body_plan::sized(body_->size());
    if (hops_.send_body() && source_) plan = source_->size() ? body_plan::sized(*source_->size()) : body_plan::chunked();
    request_spec spec{hops_.method(), hops_.target(), sent_fields(), plan};
    const bool decodes = decode_ && !sent_fields().contains("Range");  // a part of something packed cannot be unpacked
    spec.automatic = decodes ? automatic_ : automatic_ & ~unsigned{auto_accept_encoding};
    spec.user_agent = core_->user_agent();
    if (!upgrade_ && is_forwarded(hops_.target(), proxy)) {
        spec.absolute_form = true;
        const std::string value = proxy_authorization(*proxy);
        if (!value.empty()) for_proxy = "Proxy-Authorization: " + value + "\r\n";
        spec.session_lines = for_proxy;
    }
    const request_facts facts = write_request_head(over.output, spec);
    over.last = facts.close;
    return facts.body;
}

awaitable<pool::lease> call::ready_connection(const pool_key& key, bool opened_now) {
    for (;;) {
        const time_point asked = turn_time();
        pool& connections = core_->connections();
        pool::lease got = co_await pool::acquire_operation(connections, key, limits_.total());
        if (!got) {
            if (core_->is_closed()) throw session_closed("the session was closed while the request waited for a connection");
            limits_.fail(boost::asio::error::timed_out, phase::pool, now());
        }
        times_.pool = turn_time() - asked;
        times_.reused = got.has_connection();
        if (got.has_connection()) {
            if (!opened_now && got.get().is_fresh()) {
                times_.resolve = times_.connect = times_.proxy = times_.tls = {};
                note(trace_kind::reused);
                co_return got;
            }
            continue;  // closed by the server, something arrived that nobody asked for, or another one has just turned out to be dead
        }
        std::unique_ptr<connection> made =
            co_await open_connection(core_, hops_.target(), core_->proxy_for(hops_.target()), upgrade_, server_name_, limits_);
        if (core_->is_closed()) throw session_closed("the session was closed while the request connected");
        opened(*made);
        got.fill(std::move(made));
        co_return got;
    }
}

// False: there is an answer already.
awaitable<bool> call::ask_for_body(connection& over) {
    const io_result sent = co_await write_operation(*over.io, over.output, limits_.io_deadline(turn_time()));
    if (sent.ec == boost::asio::error::timed_out) limits_.fail(sent.ec, phase::write, now());
    over.output.clear();
    over.cut = true;
    const bool wanted = co_await read_go_ahead(over, limits_, std::min(now() + longest_expectation, limits_.total()));
    over.cut = !wanted;
    co_return wanted;
}

awaitable<> call::send(connection& over) {
    over.cut = false;
    over.note_request(0, 0);
    asked_ = expects_ && has_body();
    if (asked_) {
        sent_fields().set("Expect", "100-continue");
    } else if (expects_) {
        sent_fields().remove("Expect"); // there is nothing to ask for
    }
    if (source_ && hops_.send_body()) co_await source_->rewind();
    const body_plan plan = write_head(over);
    if (asked_) {
        const bool wanted = co_await ask_for_body(over);
        if (!wanted) co_return;
    }
    if (source_ && hops_.send_body()) {
        body_begun_ = true;
        co_await upload(over, *source_, plan, limits_, max_body_);
        co_return;
    }
    if (body_ && hops_.send_body()) {
        if (body_->size() > small_body) {
            bytes_source bytes(*body_);
            co_await upload(over, bytes, plan, limits_, max_body_);
            co_return;
        }
        over.output += *body_;
    }
    const io_result sent = co_await write_operation(*over.io, over.output, limits_.io_deadline(turn_time()));
    // A server may answer and close before it has read everything: then the answer is what counts.
    const bool gone = sent.ec == boost::asio::error::broken_pipe || sent.ec == boost::asio::error::connection_reset;
    if (sent.ec && !gone) limits_.fail(sent.ec, phase::write, now());
    if (sent.ec == boost::asio::error::connection_reset) over.broken = sent.ec;
    if (!asked_) over.note_request(over.output.size(), sent.bytes);
}

awaitable<pool::lease> call::one_hop() {
    if (hops_.credentials_dropped()) server_name_.clear();
    pool_key key = key_of(hops_.target(), core_->proxy_for(hops_.target()), upgrade_);
    if (!server_name_.empty()) key.with("name", server_name_);
    const bool prepares = !access::before_send(core_->defaults).empty();
    bool retried = false;
    add_cookies();
    for (;;) {
        if (prepares) co_await prepare_in_time();
        pool::lease used = co_await ready_connection(key, retried);
        connection& over = used.get();
        const bool reused = over.served > 0;
        over.parser.reset(kind_of(hops_.method(), upgrade_));
        over.ended = false;
        over.broken = {};
        over.unreadable = false;
        over.pace = pace_;
        over.lingering = linger();
        over.may_be_silent(upgrade_ ? call_limits::duration::zero() : limits_.longest_silence());
        over.accepts_truncation = allow_truncated_;
        if (!prepares) add_credentials(); // as late as that, for the order in which a digest counts
        try {
            const time_point ready = turn_time();
            ++times_.requests;
            co_await send(over);
            const time_point sent = turn_time();
            times_.send = sent - ready;
            note(trace_kind::sent);
            co_await read_head(over, limits_);
            headed_ = turn_time();
            times_.wait = headed_ - sent;
            note(trace_kind::answered, over.parser.status());
        } catch (const connection_lost&) {
            if (!may_retry_stale(reused, over.parser.got_some(), hops_.method(), over.is_unseen(), kind_of_body(), retried)) throw;
            retried = true;
            continue;
        }
        take_cookies(over.parser.headers());
        over.idle_hint.reset();
        if (const auto hint = over.parser.headers().get("Keep-Alive")) {
            const std::chrono::seconds keep = idle_lifetime(hint, no_hint);
            if (keep != no_hint) over.idle_hint = keep;
        }
        co_return used;
    }
}

// Reads what is left of an answer that nobody wants, if that is little, so that its connection can be used again.
awaitable<> call::drain(pool::lease used) {
    connection& from = used.get();
    const call_limits soon = limits_.ending_by(now() + longest_drain);
    try {
        co_await read_rest(from, soon, drained_body);
    } catch (const timeout&) {
        if (now() >= limits_.total()) limits_.fail(boost::asio::error::timed_out, phase::body, now());
        co_return;
    } catch (const body_too_large&) {
        co_return;
    } catch (const incomplete_body&) {
        co_return;
    } catch (const protocol_error&) {
        co_return;
    } catch (const connection_lost&) {
        if (core_->is_closed()) throw;
        co_return;
    }
    used.give_back(from.is_reusable());
}

awaitable<pool::lease> call::answer() {
    for (;;) {
        pool::lease used;
        if (retry_.is_off() && !core_->rate) {
            used = co_await one_hop();
        } else {
            used = co_await hop_with_retries();
        }
        response_parser& parser = used.get().parser;
        if (is_challenge(parser.status(), parser.headers())) {
            ++challenges_answered_;
            co_await drain(std::move(used));
            continue;
        }
        if (parser.status() == 417 && asked_) {
            expects_ = false;
            fields_.remove("Expect");
            continue;
        }
        if (!is_redirect_status(parser.status())) co_return used;
        const auto location = parser.headers().get("Location");
        if (!hops_.follow(parser.status(), location, fields_, kind_of_body(), bound_to_origin_)) co_return used;
        note(trace_kind::redirect, parser.status(), hops_.target().str());
        challenges_answered_ = 0;
        co_await drain(std::move(used));
    }
}

response_head call::take_head(connection& from) {
    response_head head(hops_.target().has_userinfo() ? hops_.target().without_userinfo() : hops_.target());
    head.status = from.parser.status();
    head.reason = from.parser.reason();
    head.headers = std::move(from.parser.headers());
    for (const redirect_hop& hop : hops_.history()) {
        redirect followed{hop.status, hop.from.without_userinfo(), hop.location};
        head.history.push_back(std::move(followed));
    }
    return head;
}

coding_list call::codings(unsigned status, const headers& fields) const {
    if (!decode_ || status == 206 || !fields.contains("Content-Encoding")) return {};
    return parse_content_encoding(fields.get_joined("Content-Encoding")).value_or(coding_list());
}

void call::explain(error& e) const { e.attach_url(hops_.target().str()); }

}  // namespace brio::inline v0::http::detail
