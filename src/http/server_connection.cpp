// SPDX-License-Identifier: BSL-1.0
// One connection of the server: requests in, answers out, in order.
#include "http/connection.hpp"
#include "http/request_parser.hpp"
#include "http/response_writer.hpp"
#include "http/server_core.hpp"

#include <brio/core/log.hpp>
#include <brio/core/version.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http/error.hpp>

#include <algorithm>
#include <optional>

namespace brio::inline v0::http::detail {

namespace {

using brio::detail::io_result;
using brio::detail::read_operation;
using brio::detail::scheduler;
using brio::detail::write_operation;
using time_point = std::chrono::steady_clock::time_point;

const std::string server_name = "brio/" + std::to_string(BRIO_VERSION_MAJOR) + "." + std::to_string(BRIO_VERSION_MINOR);

time_point after(server_options::duration limit) {
    return limit > server_options::duration::zero() ? scheduler::current()->turn_time() + limit : brio::detail::no_deadline;
}

class server_connection {
public:
    server_connection(std::shared_ptr<server_core> core, std::unique_ptr<brio::detail::socket> peer)
        : core_(std::move(core)), peer_(std::move(peer)) {}

    awaitable<> serve() {
        for (bool more = true; more;) {
            parser_.reset(server_access::max_body(core_->options));
            body_.clear();
            unsigned fault = 0;
            bool arrived = false;
            try {
                arrived = co_await read_request();
            } catch (const http::error&) {
                fault = parser_.error_status();
            }
            if (fault != 0) {
                reply refusal = reply::text(std::to_string(fault) + "\n", fault);
                refusal.close();
                co_await send(refusal, false);
                co_return;
            }
            if (!arrived) co_return;
            more = co_await answer();
        }
    }

private:
    // False: the client has gone, or took too long.
    awaitable<bool> read_request() {
        time_point deadline = after(server_access::keep_alive(core_->options));
        bool invited = false;
        while (!parser_.done()) {
            if (!input_.empty()) {
                const parse_result step = parser_.feed(input_.pending());
                body_.append(step.body);
                input_.consume(step.consumed);
                if (step.event != parse_event::need_more) continue;
            }
            if (parser_.head_done() && parser_.expects_continue() && !invited) {
                invited = true;
                output_ = "HTTP/1.1 100 Continue\r\n\r\n";
                const io_result sent = co_await write_operation(*peer_, output_, after(server_access::read_timeout(core_->options)));
                if (sent.ec) co_return false;
            }
            char* const room = input_.room();
            const io_result got = co_await read_operation(*peer_, room, input_.room_size(), deadline, true);
            if (got.ec) co_return false;
            input_.filled(got.bytes);
            // A head must be complete within one limit, a body may take it between any two pieces.
            if (!parser_.got_some() || parser_.head_done()) deadline = after(server_access::read_timeout(core_->options));
        }
        co_return true;
    }

    awaitable<bool> answer() {
        const bool keep = parser_.keep_alive();
        server_request request;
        server_access::fill(request, parser_.method(), parser_.path_and_query().empty() ? parser_.target() : parser_.path_and_query(),
                            std::move(parser_.headers()), std::move(body_));
        const reply made = co_await core_->answer(std::move(request));
        co_return co_await send(made, keep);
    }

    awaitable<bool> send(const reply& made, bool keep) {
        output_.clear();
        response_spec spec{made.status(), {}, made.headers(), body_plan::sized(made.body().size())};
        spec.date = core_->date.at(std::chrono::system_clock::now());
        spec.server = server_name;
        spec.request_version = parser_.head_done() ? parser_.version() : 11;
        spec.head_request = parser_.head_done() && parser_.method() == "HEAD";
        spec.keep_alive = keep && !server_access::closes(made);
        std::optional<response_facts> facts;
        try {
            facts = write_response_head(output_, spec);
        } catch (const invalid_request& e) {
            output_.clear();
            log_invalid(e);
        }
        if (!facts) {
            const reply instead = reply::text("500 Internal Server Error\n", 500);
            co_return co_await send(instead, keep);
        }
        if (facts->send_body) output_ += made.body();
        const io_result sent = co_await write_operation(*peer_, output_, after(server_access::read_timeout(core_->options)));
        co_return !sent.ec && facts->keep_alive;
    }

    static void log_invalid(const invalid_request& e) {
        log(log_level::error, std::string("http server: a handler's reply cannot be sent: ") + e.what());
    }

    std::shared_ptr<server_core> core_;
    std::unique_ptr<brio::detail::socket> peer_;
    request_parser parser_;
    read_buffer input_;
    std::string body_;
    std::string output_;
};

}  // namespace

awaitable<> serve_connection(std::shared_ptr<server_core> core, std::unique_ptr<brio::detail::socket> peer) {
    server_connection serving(std::move(core), std::move(peer));
    co_await serving.serve();
}

}  // namespace brio::inline v0::http::detail
