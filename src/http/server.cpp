// SPDX-License-Identifier: BSL-1.0
// The server's outside.
#include <brio/http/server.hpp>

#include "http/file_server.hpp"
#include "http/server_core.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace brio::inline v0::http {

server_options::server_options() = default;
server_options::server_options(const server_options&) = default;
server_options::server_options(server_options&&) noexcept = default;
server_options& server_options::operator=(const server_options&) = default;
server_options& server_options::operator=(server_options&&) noexcept = default;
server_options::~server_options() = default;

server_options& server_options::tls(tls_context context, tls_options options) {
    if (!context.is_server()) {
        throw std::invalid_argument("http::server_options::tls(): the context is for connecting; make one with tls_context::server()");
    }
    tls_ = std::move(context);
    tls_options_ = std::move(options);
    return *this;
}

server_options& server_options::name(std::string text) {
    headers().add("Server", text);  // throws where it is no value of a field
    name_ = std::move(text);
    return *this;
}

server_options& server_options::access_log(http::access_log log) {
    access_log_ = std::move(log);
    return *this;
}

server::server(server_options options) : core_(std::make_shared<detail::server_core>(std::move(options))) {}
server::~server() { core_->stop(); }

server& server::route(std::string method, std::string path, handler serve, route_options options) {
    core_->add_route(std::move(method), std::move(path), std::move(serve), options);
    return *this;
}

server& server::get(std::string path, handler serve, route_options options) {
    return route("GET", std::move(path), std::move(serve), options);
}
server& server::post(std::string path, handler serve, route_options options) {
    return route("POST", std::move(path), std::move(serve), options);
}
server& server::put(std::string path, handler serve, route_options options) {
    return route("PUT", std::move(path), std::move(serve), options);
}
server& server::patch(std::string path, handler serve, route_options options) {
    return route("PATCH", std::move(path), std::move(serve), options);
}
server& server::del(std::string path, handler serve, route_options options) {
    return route("DELETE", std::move(path), std::move(serve), options);
}

server& server::fallback(handler serve, route_options options) {
    core_->set_fallback(std::move(serve), options);
    return *this;
}

server& server::files(std::string prefix, const std::string& folder, file_options options) {
    while (prefix.ends_with('/')) prefix.pop_back();
    const auto depth = static_cast<std::size_t>(std::count(prefix.begin(), prefix.end(), '/'));
    const handler serve = detail::make_file_handler(depth, folder, std::move(options));
    get(prefix + "/{path...}", serve);
    return prefix.empty() ? *this : get(prefix, serve);
}

server& server::use(middleware step) {
    core_->add_middleware(std::move(step));
    return *this;
}

server& server::error_page(error_page_maker make) {
    core_->error_page = std::move(make);
    return *this;
}

void server::listen(const std::string& address, std::uint16_t port) { core_->listen(address, port); }
void server::listen_unix(const std::string& path) { core_->listen_unix(path); }
std::uint16_t server::port() const noexcept { return core_->port; }
std::size_t server::connections() const noexcept { return core_->count(); }

std::string server::url() const {
    const std::string& host = core_->first_host;
    const bool v6 = host.find(':') != std::string::npos;
    const std::string scheme = server_access::tls(core_->options) ? "https://" : "http://";
    return scheme + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(core_->port);
}

namespace {

constexpr std::chrono::seconds longest_goodbye(1);

awaitable<> close_now(std::shared_ptr<detail::server_core> core) {
    core->stop();
    co_await core->wait_stopped(server::duration::zero());
}

awaitable<> close_gently(std::shared_ptr<detail::server_core> core, server::duration grace) {
    std::exception_ptr error;
    try {
        co_await core->drain(grace);
    } catch (...) {
        error = std::current_exception();
    }
    core->stop();
    const server::duration goodbye = error ? server::duration::zero() : std::min<server::duration>(grace, longest_goodbye);
    co_await core->wait_stopped(goodbye);
    if (error) std::rethrow_exception(error);
}

awaitable<> serve_until_closed(std::shared_ptr<detail::server_core> core) {
    std::exception_ptr error;
    try {
        co_await core->stopped.wait();
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return;
    co_await close_gently(core, server_access::shutdown_grace(core->options));
    std::rethrow_exception(error);
}

}  // namespace

awaitable<> server::serve_forever() { return serve_until_closed(core_); }
awaitable<> server::close() { return close_now(core_); }
awaitable<> server::close(duration grace) { return close_gently(core_, grace); }

}  // namespace brio::inline v0::http
