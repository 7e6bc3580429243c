// SPDX-License-Identifier: BSL-1.0
// server: HTTP/1.1 for tests, tools, and services behind a proxy.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/file_options.hpp>
#include <brio/http/refusal.hpp>
#include <brio/http/reply.hpp>
#include <brio/http/server_options.hpp>
#include <brio/http/server_request.hpp>
#include <brio/http/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace brio::inline v0::http {

namespace detail {
class server_core;
}

/// Serves HTTP/1.1 (and 1.0) with keep-alive and pipelining, over TCP, Unix sockets and TLS; aiohttp's `web.Application` with
/// its runner. Each connection is a task of the server, in the loop that `listen` was called in. A handler that throws is
/// logged and answered with 500, unless what it throws is a `refusal`. Malformed requests are answered with 400 and the like,
/// those that do not come in time with 408 (`server_options::read_timeout`), and their connection is closed.
///
///     http::server server;
///     server.get("/users/{id}", show_user).post("/users", add_user).files("/static", "public");
///     server.listen("127.0.0.1", 8080);
///     co_await server.serve_forever();
class BRIO_API server {
public:
    using handler = std::function<awaitable<reply>(server_request)>;
    /// Stands around the handlers: calls `next`, once or not at all, and gives its reply or another one.
    using middleware = std::function<awaitable<reply>(server_request request, handler next)>;
    /// Makes the page for an answer that no handler has made: 404, 405, 500, 400 and the like, and what a `refusal` says.
    using error_page_maker = std::function<reply(unsigned status, std::string_view message)>;
    using duration = server_options::duration;

    explicit server(server_options options = server_options());
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    /// Stops listening and cancels what is served; `close()` also waits for it.
    ~server();

    /// Calls `serve` for requests with that method whose path fits. A method of `*` fits all. In the path, `{name}` stands for
    /// one segment, which must not be empty, and `{name...}` at its end for all that is left, even nothing:
    /// `/users/{id}`, `/static/{path...}`. Segments are percent-decoded one by one before they are compared and given to the
    /// handler. Where several routes fit, text goes before `{name}`, and that before `{name...}`, segment by segment. A rest
    /// with `.` or `..` segments fits nothing. HEAD is answered by the GET handler when it has none of its own, its body left
    /// out; OPTIONS with the methods that there are. Throws std::invalid_argument for a path that does not begin with `/` or
    /// has malformed parameters, and for a route that is there already.
    server& route(std::string method, std::string path, handler serve, route_options options = route_options());
    server& get(std::string path, handler serve, route_options options = route_options());
    server& post(std::string path, handler serve, route_options options = route_options());
    server& put(std::string path, handler serve, route_options options = route_options());
    server& patch(std::string path, handler serve, route_options options = route_options());
    server& del(std::string path, handler serve, route_options options = route_options());
    /// A coroutine function `awaitable<>(http::websocket)`, which may also take the request of the handshake behind that.
    using websocket_handler = std::function<awaitable<>(http::websocket, server_request)>;

    /// Takes WebSockets at that path (a route for GET), one task each. What is no handshake is answered with 400 or 426, a
    /// page of another origin with 403: see `websocket_options::allow_origin`. The WebSocket ends when its handler does, with
    /// 1000, whether it has kept the websocket or not; with 1011 when the handler throws, which is logged unless it is the
    /// end of the connection that it was told of; with 1001 when the server is closed: at
    /// once by `close()`, with the time to answer by `close(grace)`. aiohttp's `WebSocketResponse`.
    server& websocket(std::string path, websocket_handler serve, websocket_options options = websocket_options());
    template <class F>
        requires std::is_invocable_r_v<awaitable<>, std::decay_t<F>&, http::websocket>
    server& websocket(std::string path, F&& serve, websocket_options options = websocket_options()) {
        return websocket(std::move(path), websocket_handler(alone<std::decay_t<F>>(std::forward<F>(serve))), std::move(options));
    }

    /// Calls `serve` for every request that no route fits, OPTIONS of paths with routes included; otherwise these get 404 (405
    /// when only the method differs).
    server& fallback(handler serve, route_options options = route_options());

    /// Serves the regular files in a folder below `prefix`, to GET and HEAD: with Range, conditional requests, ETag and
    /// Last-Modified, and a content type by the name. Files are sent by the system (sendfile) where it can. Nothing outside of
    /// the folder is ever opened, whatever symbolic links are in it, and nothing whose name begins with a dot (see
    /// `file_options`). Throws std::system_error when the folder cannot be opened.
    server& files(std::string prefix, const std::string& folder, file_options options = file_options());

    /// Everything that is answered goes through `step`, also what no route fits; those that were added first stand outside. What
    /// a handler throws, a `refusal` too, comes out of `next`. What `next` gives has its final status; a `reply::file` has been
    /// opened. Not seen are answers to what is no whole request: 400, 408, 413, 417, 431, 505, unless the handler reads the body.
    server& use(middleware step);
    server& error_page(error_page_maker make);

    /// Listens and serves in the background from now on; may be called for several addresses, in digits. Port 0 takes a free
    /// one. Throws `std::system_error` when the address cannot be bound. Needs a running loop.
    void listen(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
    /// The same on a Unix socket: see `start_unix_server`.
    void listen_unix(const std::string& path);

    /// The port it listens on, the first one if there are several; 0 when there is none.
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:PORT`, or `https://...`: the first address as it was given to `listen`. Nothing of use after `listen_unix`
    /// alone.
    [[nodiscard]] std::string url() const;
    /// Connections that are open.
    [[nodiscard]] std::size_t connections() const noexcept;

    /// Completes when the server is closed. **Cancellation** closes it first, with the options' grace.
    [[nodiscard]] awaitable<> serve_forever();
    /// Stops listening, cancels the connections' tasks and waits for them. It may listen again afterwards.
    [[nodiscard]] awaitable<> close();
    /// Stops listening, lets what has been asked for be answered, for at most `grace`, and then does the same. Connections
    /// without a request end at once, the others after their answer. **Cancellation** ends the patience.
    [[nodiscard]] awaitable<> close(duration grace);

private:
    /// A handler that does not want the request.
    template <class F>
    class alone {
    public:
        template <class G>
        explicit alone(G&& serve) : serve_(std::forward<G>(serve)) {}
        awaitable<> operator()(http::websocket ws, server_request) { return serve_(std::move(ws)); }

    private:
        F serve_;
    };

    std::shared_ptr<detail::server_core> core_;
};

}  // namespace brio::inline v0::http
