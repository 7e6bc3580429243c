// SPDX-License-Identifier: BSL-1.0
// Routing, answering, listening, stopping.
#include "http/server_core.hpp"

#include "http/file_server.hpp"
#include "http/server_connection.hpp"
#include "http/server_link.hpp"
#include "io/socket_setup.hpp"

#include <brio/compose/wait_for.hpp>
#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/core/sleep.hpp>
#include <brio/detail/describe.hpp>
#include <brio/http/status.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <exception>
#include <system_error>
#include <utility>

namespace brio::inline v0::http::detail {

server_core::server_core(server_options limits) : options(std::move(limits)) {}

void server_core::add_route(std::string method, std::string path, server::handler serve, route_options how) {
    table_.add(method, path, routes_.size());
    routes_.push_back(std::make_shared<const route_entry>(route_entry{std::move(serve), how}));
}

void server_core::set_fallback(server::handler serve, route_options how) {
    fallback_ = std::make_shared<const route_entry>(route_entry{std::move(serve), how});
}

destination server_core::route(std::string_view method, std::string_view path) const {
    route_table::match found = table_.find(method, path);
    destination to;
    if (path.empty() && method == "OPTIONS") to.status = 204;  // OPTIONS *: is anybody there?
    to.allowed = std::move(found.allowed);
    switch (found.what) {
        case route_table::verdict::found:
            to.route = routes_[found.route];
            to.params = std::move(found.params);
            return to;
        case route_table::verdict::bad_encoding: to.status = 400; return to;
        case route_table::verdict::no_method: to.status = method == "OPTIONS" ? 204 : 405; break;
        case route_table::verdict::no_path: break;
    }
    to.route = fallback_;
    return to;
}

namespace {

reply plain_page(unsigned status, std::string_view message) {
    const std::string_view reason = reason_phrase(status);
    std::string text = std::to_string(status) + " " + std::string(reason);
    if (message != reason) text.append(": ").append(message);
    return reply::text(text + "\n", status);
}

}  // namespace

reply server_core::error_reply(unsigned status, std::string_view message) const {
    if (message.empty()) message = reason_phrase(status);
    if (error_page) {
        try {
            reply made = error_page(status, message);
            server_access::set_status(made, status);
            return made;
        } catch (...) {
            log(log_level::error, "http server: making an error page failed: " + brio::detail::describe(std::current_exception()));
        }
    }
    return plain_page(status, message);
}

reply server_core::default_reply(const destination& to) const {
    if (to.status == 204) {
        reply made(204);
        if (!to.allowed.empty()) made.header("Allow", to.allowed);
        return made;
    }
    reply made = error_reply(to.status, to.status == 400 ? "the path has a % without two hexadecimal digits" : "");
    if (to.status == 405) made.header("Allow", to.allowed);
    return made;
}

awaitable<reply> server_core::find_file(reply made, std::string_view method, const http::headers& asked) const {
    const auto wanted = std::dynamic_pointer_cast<const file_source>(server_access::source(made));
    if (!wanted) co_return made;
    const bool is_page = made.status() != 200;  // of an error: neither Range nor conditions are about that
    const http::headers nothing;
    const http::headers& looked_at = is_page ? nothing : asked;
    std::exception_ptr error;
    unsigned status = 500;
    try {
        reply found = co_await answer_with_file(wanted, method, looked_at);
        http::headers& fields = server_access::fields(found);
        for (const auto [name, value] : made.headers()) fields.remove(name);
        for (const auto [name, value] : made.headers()) fields.add(name, value);
        if (server_access::closes(made)) found.close();
        if (is_page) server_access::set_status(found, made.status());
        co_return found;
    } catch (const refusal& e) {
        status = e.status();
        if (is_page) error = std::current_exception();
    } catch (const std::exception&) {
        error = std::current_exception();
    }
    if (error) log(log_level::error, "http server: the file " + wanted->path + " cannot be sent: " + brio::detail::describe(error));
    if (is_page) co_return plain_page(made.status(), reason_phrase(made.status()));
    co_return co_await find_file(error_reply(status), method, asked);
}

awaitable<reply> server_core::through(std::size_t step, server_request request, const destination& to) const {
    reply made;
    if (step < middlewares_.size()) {
        const server::handler next = [this, step, &to](server_request passed) { return through(step + 1, std::move(passed), to); };
        made = co_await middlewares_[step](std::move(request), next);
    } else if (to.route) {
        made = co_await to.route->serve(std::move(request));
    } else {
        made = default_reply(to);
    }
    if (!is_file(made)) co_return made;
    co_return co_await find_file(std::move(made), to.method, *to.asked);
}

awaitable<reply> server_core::call(server_request request, const destination& to) const {
    if (!middlewares_.empty()) return through(0, std::move(request), to);
    if (to.route) return to.route->serve(std::move(request));
    const auto make = [](reply made) -> awaitable<reply> { co_return made; };
    return make(default_reply(to));
}

awaitable<reply> server_core::answer(server_request request, destination to) {
    const std::string what = request.method() + " " + request.target();
    std::exception_ptr error;
    try {
        co_return co_await call(std::move(request), to);
    } catch (const refusal& e) {
        co_return error_reply(e.status(), e.what());
    } catch (const client_gone&) {
        throw;
    } catch (const cancelled_error&) {
        throw;
    } catch (...) {
        error = std::current_exception();
    }
    log(log_level::error, "http server: the handler of " + what + " failed: " + brio::detail::describe(error));
    co_return error_reply(500);
}

brio::server_options server_core::listen_options() const {
    brio::server_options how;
    how.backlog(server_access::backlog(options)).max_connections(server_access::max_connections(options));
    if (const auto& context = server_access::tls(options)) how.tls(*context, server_access::how_tls(options));
    return how;
}

void server_core::add_listener(brio::server made) {
    listeners_.push_back(std::move(made));
    stopped.clear();
    draining_ = false;
}

namespace {

constexpr std::chrono::seconds last_words(1);

auto handler_of(const std::shared_ptr<server_core>& core) {
    return [weak = std::weak_ptr<server_core>(core)](stream client) -> awaitable<> {
        if (std::shared_ptr<server_core> self = weak.lock()) return serve_connection(std::move(self), std::move(client));
        return [](stream) -> awaitable<> { co_return; }(std::move(client));
    };
}

}  // namespace

void server_core::listen(const std::string& host, std::uint16_t wanted) {
    const std::optional<address> where = address::in_digits(host, wanted);
    if (!where) {
        throw std::system_error(std::make_error_code(std::errc::invalid_argument), "http server: \"" + host + "\" is no IP address in digits");
    }
    unique_descriptor socket = brio::detail::open_socket(where->family(), SOCK_STREAM);
    brio::detail::set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1, "reuse_address");
    if (where->family() == address_family::ipv6) brio::detail::set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1, "ipv6_only");
    if (server_access::reuse_port(options)) brio::detail::set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1, "reuse_port");
    brio::detail::bind_socket(socket, *where, "an http server");
    brio::server_options how = listen_options();
    how.socket(std::move(socket));
    add_listener(start_server(handler_of(shared_from_this()), std::move(how)));
    if (port != 0) return;
    port = listeners_.back().port();
    first_host = host;
}

void server_core::listen_unix(const std::string& path) {
    add_listener(start_unix_server(handler_of(shared_from_this()), path, listen_options()));
}

void server_core::entered(server_connection& one) noexcept {
    connections_.push_back(one);
    ++count_;
    empty_.clear();
}

void server_core::left(server_connection& one) noexcept {
    if (!one.is_linked()) return;
    one.unlink();
    if (--count_ == 0) empty_.set();
}

void server_core::stop_listening() noexcept {
    for (brio::server& each : listeners_) each.close();
    port = 0;
}

void server_core::stop() noexcept {
    stop_listening();
    for (brio::server& each : listeners_) each.cancel_clients();
}

awaitable<> server_core::wait_listeners() {
    for (std::size_t i = 0; i < listeners_.size(); ++i) co_await listeners_[i].wait_closed();
}

void server_core::abort_clients() noexcept {
    for (brio::server& each : listeners_) each.abort_clients();
}

// Handlers that were cancelled may have a last word, as WebSockets do. That clients read it is waited for only if `goodbye` says so.
awaitable<> server_core::wait_stopped(server::duration goodbye) {
    const auto keep = shared_from_this();
    try {
        if (count_ > 0) co_await wait_for(empty_.wait(), last_words);
        if (goodbye > server::duration::zero()) co_await wait_for(wait_listeners(), goodbye);
    } catch (const timeout_error&) {  // they have had their time
    } catch (...) {
        abort_clients();
        throw;
    }
    abort_clients();
    co_await wait_listeners();
    std::erase_if(listeners_, [](const brio::server& each) { return !each.is_serving(); });
    if (listeners_.empty()) stopped.set();
}

awaitable<> server_core::drain(server::duration grace) {
    const auto keep = shared_from_this();
    stop_listening();
    draining_ = true;
    for (server_connection* one = connections_.first(); one; one = connections_.next(*one)) one->leave_soon();
    if (count_ == 0) co_return;
    try {
        co_await wait_for(empty_.wait(), grace);
    } catch (const timeout_error&) {  // those that are left are cancelled
    }
}

}  // namespace brio::inline v0::http::detail
