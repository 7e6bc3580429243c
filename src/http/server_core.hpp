// SPDX-License-Identifier: BSL-1.0
// The running part of a server: listener, routes, tasks of its connections.
#pragma once

#include "http/http_date.hpp"
#include "io/acceptor.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/task.hpp>
#include <brio/http/server.hpp>
#include <brio/sync/event.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace brio::inline v0::http {

/// The inside of server_request, reply and server_options.
struct server_access {
    static void fill(server_request& r, std::string_view method, std::string_view target, http::headers fields, std::string body);
    static bool closes(const reply& r) noexcept { return r.close_; }
    static std::size_t max_connections(const server_options& o) noexcept { return o.max_connections_; }
    static std::uint64_t max_body(const server_options& o) noexcept { return o.max_body_; }
    static server_options::duration read_timeout(const server_options& o) noexcept { return o.read_timeout_; }
    static server_options::duration keep_alive(const server_options& o) noexcept { return o.keep_alive_; }
};

namespace detail {

/// Shared by the server object and the tasks that serve.
class server_core : public std::enable_shared_from_this<server_core> {
public:
    explicit server_core(server_options limits) : options(limits) {}

    void add_route(std::string method, std::string path, server::handler serve);
    /// The answer to a request; what the handler throws becomes 500.
    awaitable<reply> answer(server_request request);

    void listen(const std::string& address, std::uint16_t port);
    /// Stops listening and cancels everything.
    void stop() noexcept;
    awaitable<> wait_stopped();

    const server_options options;
    server::handler fallback;
    std::string address;
    std::uint16_t port = 0;
    std::list<task<>> connections;
    date_cache date;
    event stopped;

private:
    struct routes_of_path {
        std::unordered_map<std::string, server::handler> by_method;
    };

    [[nodiscard]] const server::handler* find(const std::string& method, std::string_view path, bool& path_known) const;
    awaitable<> accept_all();
    void start(std::unique_ptr<brio::detail::socket> peer);

    std::unordered_map<std::string, routes_of_path> routes_;
    std::optional<brio::detail::acceptor> acceptor_;
    task<> accepting_;
    event room_;
};

/// Serves one connection to its end.
awaitable<> serve_connection(std::shared_ptr<server_core> core, std::unique_ptr<brio::detail::socket> peer);

}  // namespace detail

}  // namespace brio::inline v0::http
