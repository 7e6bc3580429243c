// SPDX-License-Identifier: BSL-1.0
// server: a small HTTP/1.1 server for tools, tests and examples.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/headers.hpp>

#include <boost/json/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

/// What a client asked for.
class BRIO_API server_request {
public:
    server_request();
    server_request(server_request&&) noexcept;
    server_request& operator=(server_request&&) noexcept;
    ~server_request();

    [[nodiscard]] const std::string& method() const noexcept { return method_; }
    /// Percent-encoded path, without the query.
    [[nodiscard]] std::string_view path() const noexcept;
    /// Percent-encoded query, without `?`.
    [[nodiscard]] std::string_view query() const noexcept;
    /// Path and query as sent.
    [[nodiscard]] const std::string& target() const noexcept { return target_; }
    [[nodiscard]] const http::headers& headers() const noexcept { return headers_; }
    [[nodiscard]] const std::string& body() const noexcept { return body_; }

private:
    friend struct server_access;
    std::string method_;
    std::string target_;
    http::headers headers_;
    std::string body_;
};

/// The answer of a handler.
class BRIO_API reply {
public:
    explicit reply(unsigned status = 200, std::string body = {});
    reply(const reply&);
    reply(reply&&) noexcept;
    reply& operator=(const reply&);
    reply& operator=(reply&&) noexcept;
    ~reply();

    /// `text/plain; charset=utf-8`
    [[nodiscard]] static reply text(std::string utf8, unsigned status = 200);
    [[nodiscard]] static reply json(const boost::json::value& value, unsigned status = 200);

    /// Appends a header field; throws invalid_request for a name or value that cannot be sent.
    reply& header(std::string_view name, std::string_view value);
    /// Closes the connection after this answer.
    reply& close(bool on = true) {
        close_ = on;
        return *this;
    }

    [[nodiscard]] unsigned status() const noexcept { return status_; }
    [[nodiscard]] const std::string& body() const noexcept { return body_; }
    [[nodiscard]] const http::headers& headers() const noexcept { return headers_; }

private:
    friend struct server_access;
    unsigned status_;
    std::string body_;
    http::headers headers_;
    bool close_ = false;
};

/// Limits and times of a server; setters chain. The defaults are in brackets.
class BRIO_API server_options {
public:
    using duration = std::chrono::steady_clock::duration;
    server_options() noexcept = default;

    /// Connections served at the same time [1000]; more wait in the backlog.
    server_options& max_connections(std::size_t count) {
        max_connections_ = count;
        return *this;
    }
    /// Bytes of a request's body [1 MiB]; more are answered with 413.
    server_options& max_body(std::uint64_t bytes) {
        max_body_ = bytes;
        return *this;
    }
    /// For the head of a request, from its first byte [30 s], and between bytes of its body.
    server_options& read_timeout(duration limit) {
        read_timeout_ = limit;
        return *this;
    }
    /// Between two requests of a connection [75 s].
    server_options& keep_alive(duration idle) {
        keep_alive_ = idle;
        return *this;
    }

private:
    friend struct server_access;
    std::size_t max_connections_ = 1000;
    std::uint64_t max_body_ = 1024 * 1024;
    duration read_timeout_ = std::chrono::seconds(30);
    duration keep_alive_ = std::chrono::seconds(75);
};

namespace detail {
class server_core;
}

/// Serves HTTP/1.1 with keep-alive and pipelining; aiohttp's `web.Application` in small. Each connection is a
/// task of the server. A handler that throws is logged and answered with 500. Malformed requests are answered
/// with 400 and the like, and the connection is closed.
class BRIO_API server {
public:
    using handler = std::function<awaitable<reply>(server_request)>;

    explicit server(server_options options = server_options());
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    /// Stops listening and cancels what is served; `close()` also waits for it.
    ~server();

    /// Calls `serve` for requests with that method and exactly that path. A method of `*` fits all. Answers
    /// to HEAD are made by the GET handler when there is none.
    server& route(std::string method, std::string path, handler serve);
    /// Calls `serve` for every request that no route fits; otherwise these get 404 (405 when only the method
    /// differs).
    server& fallback(handler serve);

    /// Listens and serves in the background from now on. Port 0 takes a free one. Throws `std::system_error`
    /// when the address cannot be bound. Needs a running loop.
    void listen(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
    /// The port it listens on.
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:PORT`
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::size_t connections() const noexcept;

    /// Completes when the server is closed. **Cancellation** closes it first.
    [[nodiscard]] awaitable<> serve_forever();
    /// Stops listening, cancels the connections' tasks and waits for them.
    [[nodiscard]] awaitable<> close();

private:
    std::shared_ptr<detail::server_core> core_;
};

} // namespace brio::inline v0::http
