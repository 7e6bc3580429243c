// SPDX-License-Identifier: BSL-1.0
// The running part of a server: where it listens, its routes, and the connections that there are.
#pragma once

#include "http/http_date.hpp"
#include "http/route_table.hpp"
#include "http/server_access.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/io/server.hpp>
#include <brio/sync/event.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

class server_connection;

/// A handler with what is special about it. Lives as long as somebody runs it.
struct route_entry {
    server::handler serve;
    route_options options;
};

/// Where a request goes.
struct destination {
    destination() = default;  // no aggregate: it stands in co_await expressions
    std::shared_ptr<const route_entry> route;  ///< null: `status` says what is answered
    unsigned status = 404;
    name_values params;
    std::string allowed;
    std::string_view method;               ///< the request's own, as long as it is served
    const http::headers* asked = nullptr;  ///< likewise
};

/// Shared by the server object and the tasks that serve.
class server_core : public std::enable_shared_from_this<server_core> {
public:
    explicit server_core(server_options limits);

    void add_route(std::string method, std::string path, server::handler serve, route_options how);
    void set_fallback(server::handler serve, route_options how);
    void add_middleware(server::middleware step) { middlewares_.push_back(std::move(step)); }

    [[nodiscard]] destination route(std::string_view method, std::string_view path) const;
    /// The answer to a request, through the middlewares; what a handler throws becomes an answer, too.
    awaitable<reply> answer(server_request request, destination to);
    /// A reply that is a file, when the file has been looked for: what a client gets that asks with these fields. Other replies
    /// stay as they are. What cannot be opened becomes the page for 404, and an error page that cannot be had a plain one.
    awaitable<reply> find_file(reply made, std::string_view method, const http::headers& asked) const;
    /// The page for an answer that no handler has made.
    [[nodiscard]] reply error_reply(unsigned status, std::string_view message = {}) const;

    void listen(const std::string& address, std::uint16_t port);
    void listen_unix(const std::string& path);
    /// Listens no more.
    void stop_listening() noexcept;
    /// ... and cancels everything.
    void stop() noexcept;
    /// ... and waits for that; connections may say goodbye for that long (TLS).
    awaitable<> wait_stopped(server::duration goodbye);
    void abort_clients() noexcept;
    /// Listens no more and waits for the connections to end by themselves.
    awaitable<> drain(server::duration grace);
    [[nodiscard]] bool is_draining() const noexcept { return draining_; }

    void entered(server_connection& one) noexcept;
    void left(server_connection& one) noexcept;
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    const server_options options;
    server::error_page_maker error_page;
    std::string first_host;
    std::uint16_t port = 0;
    date_cache date;
    event stopped;

private:
    awaitable<reply> call(server_request request, const destination& to) const;
    awaitable<reply> through(std::size_t step, server_request request, const destination& to) const;
    [[nodiscard]] reply default_reply(const destination& to) const;
    [[nodiscard]] brio::server_options listen_options() const;
    awaitable<> wait_listeners();
    void add_listener(brio::server made);

    route_table table_;
    std::vector<std::shared_ptr<const route_entry>> routes_;
    std::shared_ptr<const route_entry> fallback_;
    std::vector<server::middleware> middlewares_;
    std::vector<brio::server> listeners_;
    brio::detail::intrusive_list<server_connection> connections_;
    std::size_t count_ = 0;
    bool draining_ = false;
    event empty_;
};

/// Serves one connection to its end.
awaitable<> serve_connection(std::shared_ptr<server_core> core, stream client);

}  // namespace brio::inline v0::http::detail
