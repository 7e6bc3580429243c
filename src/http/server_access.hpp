// SPDX-License-Identifier: BSL-1.0
// The inside of server_request, reply and server_options.
#pragma once

#include <brio/http/server.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace brio::inline v0::http {

namespace detail {

/// What a connection tells its requests about the client.
struct client_facts {
    address peer;
    bool secure = false;
};

/// Of a reply that leaves HTTP.
class connection_taker final : public reply_source {
public:
    explicit connection_taker(std::function<awaitable<>(brio::stream)> function) : then(std::move(function)) {}
    std::function<awaitable<>(brio::stream)> then;
    std::function<void()> leave;  ///< when set: the server wants to end
};

/// Of a reply that is a file with a path of the program's own.
class file_source final : public reply_source {
public:
    file_source(std::string name, file_options how) : path(std::move(name)), options(std::move(how)) {}
    std::string path;
    file_options options;
};

}  // namespace detail

struct server_access {
    struct request_parts {
        std::string_view method;
        std::string_view target;
        int version = 11;
        http::headers fields;
        name_values params;
        std::shared_ptr<detail::request_source> source;
        std::shared_ptr<const detail::client_facts> client;
    };
    static server_request make_request(request_parts parts);
    static void set_body(server_request& r, std::string body) noexcept { r.body_ = std::move(body); }
    static void set_params(server_request& r, name_values params) noexcept { r.params_ = std::move(params); }

    static bool closes(const reply& r) noexcept { return r.close_; }
    static std::string& body(reply& r) noexcept { return r.body_; }
    static http::headers& fields(reply& r) noexcept { return r.headers_; }
    static void set_status(reply& r, unsigned status) noexcept { r.status_ = status; }
    static const std::shared_ptr<detail::reply_source>& source(const reply& r) noexcept { return r.source_; }
    static void set_source(reply& r, std::shared_ptr<detail::reply_source> source) noexcept { r.source_ = std::move(source); }
    static const std::optional<std::uint64_t>& length(const reply& r) noexcept { return r.length_; }

    static std::size_t max_connections(const server_options& o) noexcept { return o.max_connections_; }
    static std::size_t max_requests(const server_options& o) noexcept { return o.max_requests_; }
    static std::size_t max_head(const server_options& o) noexcept { return o.max_head_; }
    static std::size_t max_header_fields(const server_options& o) noexcept { return o.max_header_fields_; }
    static std::uint64_t max_body(const server_options& o) noexcept { return o.max_body_; }
    static std::uint64_t min_rate(const server_options& o) noexcept { return o.min_rate_; }
    static server_options::duration rate_grace(const server_options& o) noexcept { return o.rate_grace_; }
    static server_options::duration read_timeout(const server_options& o) noexcept { return o.read_timeout_; }
    static server_options::duration write_timeout(const server_options& o) noexcept { return o.write_timeout_; }
    static server_options::duration keep_alive(const server_options& o) noexcept { return o.keep_alive_; }
    static server_options::duration shutdown_grace(const server_options& o) noexcept { return o.shutdown_grace_; }
    static const std::optional<std::size_t>& compress_from(const server_options& o) noexcept { return o.compress_from_; }
    static const std::optional<tls_context>& tls(const server_options& o) noexcept { return o.tls_; }
    static const tls_options& how_tls(const server_options& o) noexcept { return o.tls_options_; }
    static const std::optional<std::string>& name(const server_options& o) noexcept { return o.name_; }
    static const http::access_log& log(const server_options& o) noexcept { return o.access_log_; }
    static int backlog(const server_options& o) noexcept { return o.backlog_; }
    static bool cancels(const server_options& o) noexcept { return o.cancel_on_disconnect_; }
    static bool reuse_port(const server_options& o) noexcept { return o.reuse_port_; }
};

namespace detail {

/// A file that was not looked for yet.
inline bool is_file(const reply& made) noexcept { return dynamic_cast<const file_source*>(server_access::source(made).get()) != nullptr; }

}  // namespace detail

}  // namespace brio::inline v0::http
