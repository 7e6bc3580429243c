// SPDX-License-Identifier: BSL-1.0
// When a call's request goes: its turn within the rate of its host, and again after failures that pass.
#include "http/call.hpp"

#include "http/connector.hpp"
#include "http/crypto.hpp"

#include <brio/detail/scheduler.hpp>
#include <brio/http/proxy_error.hpp>

#include <boost/asio/error.hpp>

namespace brio::inline v0::http::detail {

namespace {

using time_point = call_limits::time_point;

constexpr std::chrono::seconds longest_hold{120};

time_point loop_time() { return brio::detail::scheduler::current()->now(); }

}  // namespace

// A place in the rate of the host, given back by those who do not use it.
awaitable<> call::wait_for_turn() {
    if (!core_->rate) co_return;
    struct place {
        place(rate_limiter& of, std::string_view key) : limiter(of), host(key), start(of.reserve(key, loop_time())) {}
        ~place() {
            if (!used) limiter.give_back(host, start);
        }
        rate_limiter& limiter;
        std::string host;
        time_point start;
        bool used = false;
    } turn(*core_->rate, hops_.target().host());
    if (turn.start >= limits_.total()) limits_.fail(boost::asio::error::timed_out, phase::pool, limits_.total());
    if (turn.start > loop_time()) co_await core_->sleep_until(turn.start);
    turn.used = true;
}

bool call::in_time(std::chrono::milliseconds pause) const { return limits_.total() == brio::detail::no_deadline || loop_time() + pause < limits_.total(); }

void call::heed_retry_after(unsigned status, const headers& answer) {
    if (!core_->rate || (status != 429 && status != 503)) return;
    const auto value = answer.get("Retry-After");
    const auto wait = value ? parse_retry_after(*value, wall_time()) : std::nullopt;
    if (wait && *wait <= longest_hold) core_->rate->hold(hops_.target().host(), loop_time() + *wait, loop_time());
}

std::optional<std::chrono::milliseconds> call::retry_pause(unsigned status, const headers& answer) {
    if (status < 429) return std::nullopt;
    heed_retry_after(status, answer);
    if (retry_.is_off()) return std::nullopt;
    const body_kind body = hops_.send_body() ? kind_of_body() : body_kind::none;
    const auto pause = retry_.after_status(status, hops_.method(), body, answer.get("Retry-After"), wall_time(), random_fraction());
    if (!pause || !in_time(*pause) || !core_->retries.withdraw()) return std::nullopt;
    return pause;
}

// Nothing of the request was sent, and it may go better next time.
bool call::is_passing(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const proxy_error&) {
        return false; // a proxy that refuses will refuse again
    } catch (const connect_error&) {
        return true;
    } catch (const broken_handshake&) {
        return true;
    } catch (const connection_lost& e) {
        return e.phase() == phase::proxy;
    } catch (const timeout& e) {
        return e.phase() == phase::resolve || e.phase() == phase::connect || e.phase() == phase::proxy || e.phase() == phase::tls;
    } catch (...) {
        return false;
    }
}

std::optional<std::chrono::milliseconds> call::retry_pause(const std::exception_ptr& failure) {
    if (retry_.is_off() || !is_passing(failure)) return std::nullopt;
    const body_kind body = hops_.send_body() ? kind_of_body() : body_kind::none;
    const auto pause = retry_.after_connect_error(body, random_fraction());
    if (!pause || !in_time(*pause) || !core_->retries.withdraw()) return std::nullopt;
    return pause;
}

awaitable<pool::lease> call::hop_with_retries() {
    core_->retries.on_request();
    for (;;) {
        co_await wait_for_turn();
        std::optional<std::chrono::milliseconds> pause;
        std::exception_ptr failed;
        pool::lease used;
        try {
            used = co_await one_hop();
        } catch (const http::error&) {
            failed = std::current_exception();
        }
        if (failed) {
            pause = retry_pause(failed);
            if (!pause) std::rethrow_exception(failed);
            note(trace_kind::retry);
        } else {
            response_parser& parser = used.get().parser;
            pause = retry_pause(parser.status(), parser.headers());
            if (!pause) co_return used;
            note(trace_kind::retry, parser.status());
            co_await drain(std::move(used));
        }
        ++core_->retried;
        co_await core_->sleep_until(loop_time() + *pause);
    }
}

}  // namespace brio::inline v0::http::detail
