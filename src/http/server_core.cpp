// SPDX-License-Identifier: BSL-1.0
// Accepting, routing, stopping.
#include "http/server_core.hpp"

#include <brio/compose/gather.hpp>
#include <brio/core/log.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/sleep.hpp>
#include <brio/detail/describe.hpp>

#include <boost/asio/error.hpp>

#include <vector>

namespace brio::inline v0::http::detail {

namespace {

using namespace std::chrono_literals;
constexpr int backlog = 1024;
constexpr auto pause_without_descriptors = 100ms;

}  // namespace

void server_core::add_route(std::string method, std::string path, server::handler serve) {
    routes_[std::move(path)].by_method[std::move(method)] = std::move(serve);
}

const server::handler* server_core::find(const std::string& method, std::string_view path, bool& path_known) const {
    const auto place = routes_.find(std::string(path));
    if (place == routes_.end()) return nullptr;
    path_known = true;
    const auto& handlers = place->second.by_method;
    for (const char* candidate : {method.c_str(), method == "HEAD" ? "GET" : "*", "*"}) {
        if (const auto found = handlers.find(candidate); found != handlers.end()) return &found->second;
    }
    return nullptr;
}

awaitable<reply> server_core::answer(server_request request) {
    bool path_known = false;
    const server::handler* serve = find(request.method(), request.path(), path_known);
    if (!serve && fallback) serve = &fallback;
    if (!serve) co_return reply::text(path_known ? "405 Method Not Allowed\n" : "404 Not Found\n", path_known ? 405 : 404);
    const std::string what = request.method() + " " + request.target();
    std::exception_ptr error;
    try {
        const server::handler called = *serve;  // keeps captures alive, whatever becomes of the routes
        co_return co_await called(std::move(request));
    } catch (const cancelled_error&) {
        throw;
    } catch (...) {
        error = std::current_exception();
    }
    log(log_level::error, "http server: the handler of " + what + " failed: " + brio::detail::describe(error));
    co_return reply::text("500 Internal Server Error\n", 500);
}

void server_core::listen(const std::string& where, std::uint16_t wanted) {
    if (acceptor_) throw invalid_state_error("the server listens already, on port " + std::to_string(port));
    acceptor_.emplace(get_running_loop().context());
    try {
        acceptor_->listen(where, wanted, backlog);
    } catch (...) {
        acceptor_.reset();
        throw;
    }
    address = where;
    port = acceptor_->port();
    stopped.clear();
    accepting_ = create_task(accept_all(), "http server " + where + ":" + std::to_string(port));
}

void server_core::start(std::unique_ptr<brio::detail::socket> peer) {
    connections.push_back(create_task(serve_connection(shared_from_this(), std::move(peer)), "http connection"));
    const auto place = std::prev(connections.end());
    // The list must be right before the task can be asked for again: a done callback comes after the task's last step.
    place->add_done_callback([core = weak_from_this(), place](const task_handle& ended) {
        if (!ended.cancelled()) {
            if (const std::exception_ptr error = ended.exception()) {
                log(log_level::error, "http server: a connection failed: " + brio::detail::describe(error));
            }
        }
        const std::shared_ptr<server_core> self = core.lock();
        if (!self) return;
        self->connections.erase(place);
        self->room_.set();
    });
}

awaitable<> server_core::accept_all() {
    const auto keep = shared_from_this();
    struct release {
        server_core& self;
        ~release() { self.acceptor_.reset(); }  // before the loop goes, whatever ends this task
    } guard{*this};
    boost::asio::io_context& context = get_running_loop().context();
    for (;;) {
        while (connections.size() >= server_access::max_connections(options)) {
            room_.clear();
            co_await room_.wait();
        }
        boost::system::error_code ec;
        if (std::unique_ptr<brio::detail::socket> peer = acceptor_->take(context, ec)) {
            start(std::move(peer));
            continue;
        }
        if (ec == boost::asio::error::would_block || ec == boost::asio::error::try_again) {
            co_await brio::detail::acceptor::wait_operation(*acceptor_);
        } else if (ec == boost::asio::error::no_descriptors || ec.value() == ENFILE || ec.value() == ENOMEM || ec.value() == ENOBUFS) {
            log(log_level::warning, "http server: cannot accept now: " + ec.message());
            co_await sleep(pause_without_descriptors);
        } else if (ec == boost::asio::error::bad_descriptor) {
            co_return;
        }  // else the peer has gone before it was accepted
    }
}

void server_core::stop() noexcept {
    if (acceptor_) accepting_.cancel("the server is closed");
    for (const task<>& item : connections) item.cancel("the server is closed");
}

awaitable<> server_core::wait_stopped() {
    const auto keep = shared_from_this();
    std::vector<task<>> ending(connections.begin(), connections.end());
    if (accepting_) ending.push_back(accepting_);
    co_await gather(return_exceptions, std::move(ending));
    acceptor_.reset();
    stopped.set();
    while (!connections.empty()) co_await sleep(0s);  // their done callbacks
}

}  // namespace brio::inline v0::http::detail
