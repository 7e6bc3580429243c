// SPDX-License-Identifier: BSL-1.0
// Limits and times of a server, and of its routes.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/access_record.hpp>
#include <brio/io/tls_context.hpp>
#include <brio/io/tls_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0::http {

/// How a server treats its clients; setters chain. The defaults are in brackets: they suit a server that anybody can reach.
/// A time of 0 or less is no limit.
class BRIO_API server_options {
public:
    using duration = std::chrono::steady_clock::duration;
    server_options();
    server_options(const server_options&);
    server_options(server_options&&) noexcept;
    server_options& operator=(const server_options&);
    server_options& operator=(server_options&&) noexcept;
    ~server_options();

    /// Connections served at the same time, for each address that is listened on [1000]; more wait in the backlog.
    server_options& max_connections(std::size_t count) {
        max_connections_ = count;
        return *this;
    }
    /// How many may wait there [1024]; the system may allow fewer.
    server_options& backlog(int connections) {
        backlog_ = connections;
        return *this;
    }
    /// Requests of one connection, after which it is closed [0: no limit]. Requests that are sent without waiting for answers
    /// (pipelining) are served one after the other; what has come of the next ones, at most 256 KiB, waits.
    server_options& max_requests(std::size_t count) {
        max_requests_ = count;
        return *this;
    }
    /// Bytes of a request's line and header fields [64 KiB]; more are answered with 431.
    server_options& max_head(std::size_t bytes) {
        max_head_ = bytes;
        return *this;
    }
    /// Number of header fields [128]; more are answered with 431.
    server_options& max_header_fields(std::size_t count) {
        max_header_fields_ = count;
        return *this;
    }
    /// Bytes of a request's body [1 MiB]; more are answered with 413. Routes may have limits of their own.
    server_options& max_body(std::uint64_t bytes) {
        max_body_ = bytes;
        return *this;
    }

    /// For the head of a request, from its first byte to its last [30 s], and between two pieces of its body. Who is too slow is
    /// answered with 408, and has a second to take that; who has not sent a byte of a request is closed without a word.
    server_options& read_timeout(duration limit) {
        read_timeout_ = limit;
        return *this;
    }
    /// How long a client may take nothing of an answer [30 s].
    server_options& write_timeout(duration limit) {
        write_timeout_ = limit;
        return *this;
    }
    /// Bytes per second that a client has to send or take on average while the server waits for it [240; 0: any], counted
    /// from `grace` [5 s] on: against clients that always do just enough not to be timed out.
    server_options& min_rate(std::uint64_t bytes_per_second, duration grace = std::chrono::seconds(5)) {
        min_rate_ = bytes_per_second;
        rate_grace_ = grace;
        return *this;
    }
    /// Between two requests of a connection, and before the first one [75 s].
    server_options& keep_alive(duration idle) {
        keep_alive_ = idle;
        return *this;
    }
    /// Cancels the handler, or the function that makes the body of a reply, when the client ends its side of the connection
    /// before it has got the answer [no: they go on]. For answers that take long or wait for something. Requests whose body is
    /// still to be read are not watched; clients that only close their half of the connection count as gone.
    server_options& cancel_on_disconnect(bool on = true) {
        cancel_on_disconnect_ = on;
        return *this;
    }
    /// How long `serve_forever` lets requests that are under way go on when it is cancelled [10 s].
    server_options& shutdown_grace(duration limit) {
        shutdown_grace_ = limit;
        return *this;
    }

    /// Serves over TLS, with a context for accepting. Throws std::invalid_argument for one that is for connecting.
    server_options& tls(tls_context context, tls_options options = tls_options());
    /// Servers that ask for this, in other loops, threads or processes, share the port: the system spreads the connections.
    server_options& reuse_port(bool on = true) {
        reuse_port_ = on;
        return *this;
    }
    /// Compresses answers of at least that many bytes [off], or of unknown size, for clients that take gzip, when their type
    /// is text, JSON, XML and the like, and they are not encoded already. Files are up to 16 KiB; larger ones go out as they
    /// are: see `file_options::precompressed`.
    /// Do not use it over TLS for pages that hold both a secret and text of the client's choice (BREACH).
    server_options& compress(std::size_t from_bytes = 1024) {
        compress_from_ = from_bytes;
        return *this;
    }
    /// What the `Server` field says [`brio/x.y`]; empty: there is none. Throws invalid_request for what no field can hold.
    server_options& name(std::string text);
    /// Is called after each answer: with a function of yours, or with `log_access`.
    server_options& access_log(http::access_log log);

private:
    friend struct server_access;
    std::size_t max_connections_ = 1000;
    std::size_t max_requests_ = 0;
    std::size_t max_head_ = 64 * 1024;
    std::size_t max_header_fields_ = 128;
    std::uint64_t max_body_ = 1024 * 1024;
    std::uint64_t min_rate_ = 240;
    duration rate_grace_ = std::chrono::seconds(5);
    duration read_timeout_ = std::chrono::seconds(30);
    duration write_timeout_ = std::chrono::seconds(30);
    duration keep_alive_ = std::chrono::seconds(75);
    duration shutdown_grace_ = std::chrono::seconds(10);
    std::optional<std::size_t> compress_from_;
    std::optional<tls_context> tls_;
    tls_options tls_options_;
    std::optional<std::string> name_;
    http::access_log access_log_;
    int backlog_ = 1024;
    bool reuse_port_ = false;
    bool cancel_on_disconnect_ = false;
};

/// What is special about one route; setters chain.
class BRIO_API route_options {
public:
    route_options() noexcept = default;

    /// The handler is called when the head has come and reads the body itself, by `next_chunk()` or `read()`. There is no limit
    /// for what it reads piece by piece unless `max_body` sets one.
    route_options& stream_body(bool on = true) noexcept {
        stream_body_ = on;
        return *this;
    }
    /// In place of the server's limit.
    route_options& max_body(std::uint64_t bytes) noexcept {
        max_body_ = bytes;
        return *this;
    }

    [[nodiscard]] bool is_stream_body() const noexcept { return stream_body_; }
    [[nodiscard]] const std::optional<std::uint64_t>& chosen_max_body() const noexcept { return max_body_; }

private:
    std::optional<std::uint64_t> max_body_;
    bool stream_body_ = false;
};

}  // namespace brio::inline v0::http
