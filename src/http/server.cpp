// SPDX-License-Identifier: BSL-1.0
// The server's outside: requests, replies, routes.
#include <brio/http/server.hpp>

#include "http/server_core.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace brio::inline v0::http {

server_request::server_request() = default;
server_request::server_request(server_request&&) noexcept = default;
server_request& server_request::operator=(server_request&&) noexcept = default;
server_request::~server_request() = default;

std::string_view server_request::path() const noexcept { return std::string_view(target_).substr(0, target_.find('?')); }

std::string_view server_request::query() const noexcept {
    const std::size_t mark = target_.find('?');
    return mark == target_.npos ? std::string_view() : std::string_view(target_).substr(mark + 1);
}

void server_access::fill(server_request& r, std::string_view method, std::string_view target, http::headers fields, std::string body) {
    r.method_ = method;
    r.target_ = target;
    r.headers_ = std::move(fields);
    r.body_ = std::move(body);
}

reply::reply(unsigned status, std::string body) : status_(status), body_(std::move(body)) {}
reply::reply(const reply&) = default;
reply::reply(reply&&) noexcept = default;
reply& reply::operator=(const reply&) = default;
reply& reply::operator=(reply&&) noexcept = default;
reply::~reply() = default;

reply reply::text(std::string utf8, unsigned status) {
    reply made(status, std::move(utf8));
    made.header("Content-Type", "text/plain; charset=utf-8");
    return made;
}

reply reply::json(const boost::json::value& value, unsigned status) {
    reply made(status, boost::json::serialize(value));
    made.header("Content-Type", "application/json");
    return made;
}

reply& reply::header(std::string_view name, std::string_view value) {
    headers_.add(name, value);
    return *this;
}

server::server(server_options options) : core_(std::make_shared<detail::server_core>(options)) {}
server::~server() { core_->stop(); }

server& server::route(std::string method, std::string path, handler serve) {
    core_->add_route(std::move(method), std::move(path), std::move(serve));
    return *this;
}

server& server::fallback(handler serve) {
    core_->fallback = std::move(serve);
    return *this;
}

void server::listen(const std::string& address, std::uint16_t port) { core_->listen(address, port); }
std::uint16_t server::port() const noexcept { return core_->port; }
std::size_t server::connections() const noexcept { return core_->connections.size(); }

std::string server::url() const {
    const bool v6 = core_->address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + core_->address + "]" : core_->address) + ":" + std::to_string(core_->port);
}

awaitable<> server::serve_forever() {
    const std::shared_ptr<detail::server_core> core = core_;
    std::exception_ptr error;
    try {
        co_await core->stopped.wait();
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return;
    core->stop();
    co_await core->wait_stopped();
    std::rethrow_exception(error);
}

awaitable<> server::close() {
    const std::shared_ptr<detail::server_core> core = core_;
    core->stop();
    co_await core->wait_stopped();
}

}  // namespace brio::inline v0::http
