// SPDX-License-Identifier: BSL-1.0
// server: listens, and gives each connection to a handler.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/io/address.hpp>
#include <brio/io/server_options.hpp>
#include <brio/io/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

namespace detail {

class server_core;

/// What a server calls for each connection.
class BRIO_API client_handler {
public:
    client_handler() noexcept = default;
    client_handler(const client_handler&) = delete;
    client_handler& operator=(const client_handler&) = delete;
    virtual ~client_handler();

    /// A plain function is called right away; a coroutine runs as a task.
    [[nodiscard]] virtual bool is_plain() const noexcept = 0;
    virtual void call(stream client) = 0;
    virtual awaitable<> serve(stream client) = 0;
};

template <class H>
class client_handler_of final : public client_handler {
    static constexpr bool plain = std::is_void_v<std::invoke_result_t<H&, stream>>;

public:
    template <class G>
    explicit client_handler_of(std::in_place_t, G&& handler) : handler_(std::forward<G>(handler)) {}

    [[nodiscard]] bool is_plain() const noexcept override { return plain; }
    void call(stream client) override {
        if constexpr (plain) std::invoke(handler_, std::move(client));
    }
    awaitable<> serve(stream client) override {
        if constexpr (plain) {
            std::invoke(handler_, std::move(client));
            return nothing();
        } else {
            return std::invoke(handler_, std::move(client));
        }
    }

private:
    static awaitable<> nothing() { co_return; }

    H handler_;
};

template <class H>
concept connection_handler = std::is_invocable_v<std::decay_t<H>&, stream> &&
                             (std::is_void_v<std::invoke_result_t<std::decay_t<H>&, stream>> ||
                              std::is_same_v<std::invoke_result_t<std::decay_t<H>&, stream>, awaitable<>>);

template <connection_handler H>
std::unique_ptr<client_handler> make_client_handler(H&& handler) {
    return std::make_unique<client_handler_of<std::decay_t<H>>>(std::in_place, std::forward<H>(handler));
}

/// Waits in a server's list until it is closed and empty.
class BRIO_API [[nodiscard("wait_closed does nothing unless it is awaited")]] server_closed_operation final : public operation_base {
public:
    using value_type = void;
    server_closed_operation(std::shared_ptr<server_core> core, const source_location& where) noexcept
        : operation_base(where), core_(std::move(core)) {}
    server_closed_operation(server_closed_operation&&) noexcept = default;

    [[nodiscard]] bool ready() const noexcept;
    void suspend();
    void resume() const noexcept {}
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "server.wait_closed()"; }

private:
    std::shared_ptr<server_core> core_;
};

}  // namespace detail

/// Listens on one or several addresses and serves each connection; asyncio's `Server`. Made by `start_server` and
/// `start_unix_server`; belongs to the loop it was made in. Movable; destroying it is `close()`, and connections go on with
/// their handlers: whatever these refer to must outlive them (see `wait_closed`).
class BRIO_API server {
public:
    /// Closed.
    server() noexcept = default;
    explicit server(std::shared_ptr<detail::server_core> core) noexcept : core_(std::move(core)) {}
    server(const server&) = delete;
    server(server&& other) noexcept = default;
    server& operator=(const server&) = delete;
    server& operator=(server&& other) noexcept;
    ~server();

    /// Begins to accept; no effect when it does. Throws invalid_state_error when it is closed, std::system_error.
    void start_serving();
    [[nodiscard]] bool is_serving() const noexcept;
    /// Serves until another task calls `close()`. **Cancellation** closes the server and its connections (what was written is
    /// still sent), cancels the handlers, waits for the end of all of them and passes the cancel on. Throws
    /// invalid_state_error when it is closed or another task is in this call already. In asyncio `close()` makes it end with
    /// a `CancelledError`.
    awaitable<> serve_forever();

    /// Listens no more: new connections are refused, those that are open go on. Idempotent.
    void close() noexcept;
    /// Closes the open connections: what was written is still sent, their handlers find the end of the stream.
    void close_clients() noexcept;
    /// The same at once: what was not sent is dropped.
    void abort_clients() noexcept;
    /// Asks the tasks of the handlers to stop; how a connection of theirs ends is up to them. Has no counterpart in asyncio.
    void cancel_clients() noexcept;
    /// Completes when the server is closed, no connection is left and all handlers have ended, in whatever order; at once when
    /// it is so. What the handlers refer to may go then. A handler that waits for something else than its connection needs
    /// `cancel_clients()` to end. **Cancellation** changes nothing. asyncio's does not wait for the handlers.
    detail::server_closed_operation wait_closed(const source_location& where = source_location::current()) const;

    /// Connections that are open.
    [[nodiscard]] std::size_t client_count() const noexcept;
    /// Where it listens; empty when it is closed.
    [[nodiscard]] std::vector<address> addresses() const;
    /// The port of the first address that has one, 0 when there is none: what became of port 0.
    [[nodiscard]] std::uint16_t port() const;
    /// The listening descriptors; they stay the server's.
    [[nodiscard]] std::vector<int> sockets() const;

private:
    std::shared_ptr<detail::server_core> core_;
};

namespace detail {
BRIO_API awaitable<server> listen_on_hosts(std::unique_ptr<client_handler> handler, std::vector<std::string> hosts,
                                           std::uint16_t port, server_options options);
BRIO_API server listen_on_path(std::unique_ptr<client_handler> handler, std::string path, server_options options);
BRIO_API server listen_on_socket(std::unique_ptr<client_handler> handler, server_options options);
}  // namespace detail

/// Listens on `port` (0: a free one, another one for each address) of every address of `host`, a name or digits; an
/// empty host stands for all interfaces. `handler(stream)` is called for each connection: a coroutine function, which runs as a
/// task of its own, or a plain function. The handler is copied or moved in.
///
/// What a handler throws is reported to the loop's exception handler, closes its connection and harms nobody else; a
/// handler that is cancelled closes its connection without a report. Accepting survives whatever happens to single
/// connections; when descriptors run out, that is reported, and accepting pauses for a second.
///
/// Throws resolve_error; std::system_error that names the address that cannot be bound, nothing being left open (an address
/// that this computer does not have is left out, if it has another one); std::invalid_argument when `options` hold a socket as
/// well. **Cancellation** leaves nothing open. asyncio's `start_server`.
template <detail::connection_handler H>
awaitable<server> start_server(H&& handler, std::string host, std::uint16_t port, server_options options = server_options()) {
    std::vector<std::string> hosts(1, std::move(host));
    return detail::listen_on_hosts(detail::make_client_handler(std::forward<H>(handler)), std::move(hosts), port, std::move(options));
}
/// The same on the addresses of several hosts.
template <detail::connection_handler H>
awaitable<server> start_server(H&& handler, std::vector<std::string> hosts, std::uint16_t port,
                               server_options options = server_options()) {
    return detail::listen_on_hosts(detail::make_client_handler(std::forward<H>(handler)), std::move(hosts), port, std::move(options));
}
/// The same on the bound stream socket that `options` hold: of IPv4, IPv6 or a Unix path.
template <detail::connection_handler H>
server start_server(H&& handler, server_options options) {
    return detail::listen_on_socket(detail::make_client_handler(std::forward<H>(handler)), std::move(options));
}

/// The same on a Unix socket at `path`; `@name` (or NUL and a name) is an abstract one. A socket file that is there
/// already is replaced, another file is an error. `close()` removes the file, unless it has been replaced meanwhile. With an
/// empty path the options must hold a bound Unix socket. Throws std::invalid_argument, std::system_error. asyncio's
/// `start_unix_server`.
template <detail::connection_handler H>
server start_unix_server(H&& handler, std::string path, server_options options = server_options()) {
    return detail::listen_on_path(detail::make_client_handler(std::forward<H>(handler)), std::move(path), std::move(options));
}

/// A stream over a connection that was accepted elsewhere, by `sock_accept` or another library. Of the options those count
/// that concern one connection: `limit`, `tls`. Throws std::invalid_argument for what is no stream socket, tls_error,
/// timeout_error, std::system_error; the socket is closed then. **Cancellation** closes it. asyncio's
/// `loop.connect_accepted_socket`.
BRIO_API awaitable<stream> connect_accepted_socket(unique_descriptor socket, server_options options = server_options());

}  // namespace brio::inline v0
