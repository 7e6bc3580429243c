// SPDX-License-Identifier: BSL-1.0
// The session's verbs.
#include <brio/http/session.hpp>

#include "http/body_reader.hpp"
#include "http/call.hpp"
#include "http/download.hpp"
#include "http/event_source.hpp"
#include "http/middleware_chain.hpp"
#include "http/options_access.hpp"
#include "http/response_stream.hpp"
#include "http/session_core.hpp"
#include "http/ws_client.hpp"

#include <brio/core/error.hpp>
#include <brio/core/sleep.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_state.hpp>

#include <chrono>

namespace brio::inline v0::http {

namespace detail {

namespace {

std::shared_ptr<const response_data> assemble(call& of, connection& from, response_head head, byte_buffer raw) {
    auto data = std::make_shared<response_data>(std::move(head));
    data->trailers = std::move(from.parser.trailers());
    const coding_list codings = of.codings(data->status, data->headers);
    if (codings.size > 0 && raw.size() > 0) {
        data->decoded = of.core().decoder.decode_all(codings, raw.view(), of.max_body(), "options.max_body (or use session::stream)");
    } else {
        data->raw = std::move(raw);
    }
    return data;
}

}  // namespace

void rethrow(const call& of, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (http::error& e) {
        of.explain(e);
        const bool lost = dynamic_cast<connection_lost*>(&e) != nullptr;
        if (of.core().is_closed() && (lost || dynamic_cast<session_closed*>(&e))) {
            // Of the two ways to stop, the one that is meant for this task: nothing is lost with the other.
            brio::detail::task_state& task = *brio::detail::scheduler::current()->current_task;
            if (task.cancel_pending()) {
                of.note(trace_kind::failed, 0, "cancelled");
                throw task.take_cancel();
            }
        }
        if (of.core().is_closed() && lost) {
            session_closed closed("the session was closed while the request ran");
            of.explain(closed);
            of.note(trace_kind::failed, 0, closed.what());
            throw closed;
        }
        of.note(trace_kind::failed, 0, e.what());
        throw;
    } catch (const std::exception& e) {
        of.note(trace_kind::failed, 0, e.what());
        throw;
    } catch (const cancelled_error&) {
        of.note(trace_kind::failed, 0, "cancelled");
        throw;
    }
}

awaitable<response> run_call(std::shared_ptr<session_core> core, std::string method, std::string url, options opts) {
    call running(std::move(core), std::move(method), url, std::move(opts));
    std::exception_ptr error;
    try {
        pool::lease used = co_await running.answer();
        connection& from = used.get();
        response_head head = running.take_head(from);
        byte_buffer raw = co_await read_rest(from, running.limits(), running.max_body());
        running.finish(head);
        std::shared_ptr<const response_data> data = assemble(running, from, std::move(head), std::move(raw));
        used.give_back(from.is_reusable());
        response answer(std::move(data));
        if (running.raises()) answer.raise_for_status();
        running.note(trace_kind::end, answer.status());
        co_return answer;
    } catch (...) {
        error = std::current_exception();
    }
    rethrow(running, error);
}

awaitable<streaming_response> run_stream(std::shared_ptr<session_core> core, std::string method, std::string url, options opts) {
    call running(std::move(core), std::move(method), url, std::move(opts));
    std::exception_ptr error;
    try {
        pool::lease used = co_await running.answer();
        response_head head = running.take_head(used.get());
        running.finish(head);
        const coding_list codings = running.codings(head.status, head.headers);
        streaming_response answer(std::make_unique<response_stream>(running.shared_core(), std::move(used), running.limits(),
                                                                    std::move(head), codings));
        if (running.raises()) answer.raise_for_status();
        running.note(trace_kind::end, answer.status());
        co_return answer;
    } catch (...) {
        error = std::current_exception();
    }
    rethrow(running, error);
}

}  // namespace detail

session_stats::session_stats() noexcept = default;

session::session(session_options defaults) : core_(std::make_shared<detail::session_core>(std::move(defaults))) {}
session::session(session&&) noexcept = default;
session& session::operator=(session&& other) noexcept {
    if (core_ && core_ != other.core_) core_->close();
    core_ = std::move(other.core_);
    return *this;
}
session::~session() {
    if (core_) core_->close();
}

awaitable<response> session::request(std::string method, std::string url, options opts) {
    return detail::request_through(core_, std::move(method), std::move(url), std::move(opts));
}
awaitable<response> session::get(std::string url, options opts) { return request("GET", std::move(url), std::move(opts)); }
awaitable<response> session::head(std::string url, options opts) { return request("HEAD", std::move(url), std::move(opts)); }
awaitable<response> session::post(std::string url, options opts) { return request("POST", std::move(url), std::move(opts)); }
awaitable<response> session::put(std::string url, options opts) { return request("PUT", std::move(url), std::move(opts)); }
awaitable<response> session::patch(std::string url, options opts) { return request("PATCH", std::move(url), std::move(opts)); }
awaitable<response> session::del(std::string url, options opts) { return request("DELETE", std::move(url), std::move(opts)); }

awaitable<streaming_response> session::stream(std::string method, std::string url, options opts) {
    return detail::stream_through(core_, std::move(method), std::move(url), std::move(opts));
}

awaitable<download_result> session::download(std::string url, std::string path, download_options opts) {
    return detail::run_download(core_, std::move(url), std::move(path), std::move(opts));
}

event_stream session::events(std::string url, options opts) {
    return event_stream(std::make_unique<detail::event_source>(core_, std::move(url), std::move(opts)));
}

awaitable<http::websocket> session::websocket(std::string url, websocket_options wanted, options request) {
    return detail::run_websocket(core_, std::move(url), std::move(wanted), std::move(request));
}

const std::optional<cookie_jar>& session::cookies() const noexcept { return core_->cookies; }

awaitable<> session::close() {
    core_->close();
    co_await sleep(std::chrono::seconds(0));  // those under way hear of it
}

bool session::is_closed() const noexcept { return core_->is_closed(); }

session_stats session::stats() const noexcept {
    const detail::pool_machine::statistics now = core_->stats();
    session_stats stats;
    stats.open = now.active + now.idle + now.opening;
    stats.idle = now.idle;
    stats.waiting = now.waiting;
    stats.created = now.created;
    stats.reused = now.reused;
    stats.calls = core_->calls;
    stats.retried = core_->retried;
    return stats;
}

}  // namespace brio::inline v0::http
