// SPDX-License-Identifier: BSL-1.0
// WebSockets that a server takes: who may come in, and what becomes of one when its handler ends.
#include <brio/http/server.hpp>

#include "http/chars.hpp"
#include "http/server_access.hpp"
#include "http/ws_connection.hpp"
#include "http/ws_handshake.hpp"

#include <brio/core/error.hpp>
#include <brio/http/error.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

namespace brio::inline v0::http {

namespace detail {

namespace {

using chosen = websocket_options_access;

struct websocket_route {
    server::websocket_handler serve;
    websocket_options options;
};
using route_ptr = std::shared_ptr<const websocket_route>;

/// What the handshake leaves to the one who takes the connection over.
struct newcomer {
    newcomer(route_ptr to, ws_agreement what, server_request by) : route(std::move(to)), agreed(std::move(what)), request(std::move(by)) {}
    route_ptr route;
    ws_agreement agreed;
    server_request request;
    std::weak_ptr<ws_connection> open;
};

// Browsers say which page it is that connects, and no page can lie about that.
bool may_enter(const headers& fields, const websocket_options& options) {
    if (chosen::any_origin(options) || !fields.contains("Origin")) return true;
    if (fields.count("Origin") != 1) return false;
    const std::string_view origin = *fields.get("Origin");
    const auto is_it = [origin](std::string_view one) { return iequals(origin, one); };
    if (std::any_of(chosen::origins(options).begin(), chosen::origins(options).end(), is_it)) return true;
    const std::size_t host = origin.find("://");
    return host != origin.npos && iequals(origin.substr(host + 3), fields.get("Host").value_or(""));
}

std::string name_of(const server_request& request) {
    const std::string scheme = request.is_secure() ? "wss://" : "ws://";
    return scheme + std::string(request.header("Host").value_or("")) + request.target();
}

// Errors of a connection that has ended are no news: its handler was told, and had nothing more to say.
bool is_its_end(const ws_connection& of, const std::exception_ptr& error) {
    if (of.is_open()) return false;
    try {
        std::rethrow_exception(error);
    } catch (const websocket_closed&) {
    } catch (const websocket_error&) {
    } catch (const connection_lost&) {
    } catch (const timeout&) {
    } catch (...) {
        return false;
    }
    return true;
}

awaitable<> serve_websocket(std::shared_ptr<newcomer> who, stream over) {
    std::string name = name_of(who->request);
    const auto connection = std::make_shared<ws_connection>(std::move(over), ws_role::server, who->route->options, std::move(who->agreed), std::string(),
                                                            std::move(name));
    connection->belongs_to_handler();
    who->open = connection;
    const server::websocket_handler serve = who->route->serve;
    std::exception_ptr error;
    try {
        http::websocket ws(connection);
        co_await serve(std::move(ws), std::move(who->request));
    } catch (const cancelled_error&) {
        connection->hang_up(ws_code::going_away, nullptr);
        throw;
    } catch (...) {
        error = std::current_exception();
    }
    if (error && is_its_end(*connection, error)) error = nullptr;
    const unsigned code = error ? ws_code::internal_error : ws_code::normal;
    co_await ws_connection::close(connection, code, std::string());
    co_await ws_connection::farewell(connection);
    if (error) std::rethrow_exception(error);
}

// The server is about to end: so is the WebSocket, when the client has answered.
void leave(const newcomer& who) noexcept {
    const auto open = who.open.lock();
    if (!open) return;
    try {
        open->start_closing(ws_code::going_away, std::string_view());
    } catch (...) {
        open->hang_up(ws_code::going_away, nullptr);
    }
}

awaitable<reply> receive_websocket(route_ptr route, server_request request) {
    if (!may_enter(request.headers(), route->options)) throw refusal(403, "WebSockets of this page's origin are not let in");
    std::optional<ws_deflate> deflate;
    if (chosen::compress(route->options)) deflate.emplace();
    ws_reception got = receive_ws_request(request.method(), request.version(), request.headers(), chosen::protocols(route->options), deflate);
    reply made = reply::text(got.reason + "\n", got.status);
    if (got.status == 101) {
        auto who = std::make_shared<newcomer>(std::move(route), std::move(got.agreed), std::move(request));
        made = reply::take_over([who](stream over) { return serve_websocket(who, std::move(over)); });
        dynamic_cast<connection_taker&>(*server_access::source(made)).leave = [who] { leave(*who); };
    }
    for (const header_field field : got.answer) made.header(field.name, field.value);
    co_return made;
}

} // namespace

} // namespace detail

server& server::websocket(std::string path, websocket_handler serve, websocket_options options) {
    for (const std::string& name : websocket_options_access::protocols(options)) {
        if (!detail::is_token(name)) throw invalid_request("invalid WebSocket sub-protocol '" + detail::printable(name) + "': it must be a token");
    }
    const auto route = std::make_shared<const detail::websocket_route>(detail::websocket_route{std::move(serve), std::move(options)});
    return get(std::move(path), [route](server_request request) { return detail::receive_websocket(route, std::move(request)); });
}

} // namespace brio::inline v0::http
