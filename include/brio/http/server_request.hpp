// SPDX-License-Identifier: BSL-1.0
// server_request: what a client has asked a server for.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/percent.hpp>
#include <brio/io/address.hpp>

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

namespace detail {
class request_source;
struct client_facts;
}  // namespace detail

/// A request as a handler gets it; aiohttp's `web.Request`. Movable. It owns what it holds, so it may live as long as anybody
/// likes, but for `next_chunk` and `read`: these go to the connection, until the reply has been sent.
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
    /// 11 for HTTP/1.1, 10 for HTTP/1.0.
    [[nodiscard]] int version() const noexcept { return version_; }
    [[nodiscard]] const http::headers& headers() const noexcept { return headers_; }
    /// First value of a header.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept { return headers_.get(name); }

    /// What stood in the path for `{name}`, percent-decoded. Throws std::out_of_range when the route has no such parameter.
    [[nodiscard]] const std::string& param(std::string_view name) const;
    /// All of them, in the order of the path.
    [[nodiscard]] const name_values& params() const noexcept { return params_; }
    /// The first parameter of the query with that name, decoded (`+` is a space).
    [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
    /// All parameters of the query, decoded, in order.
    [[nodiscard]] name_values query_pairs() const;

    /// The whole body; empty for a route that streams it, until `read()` was awaited.
    [[nodiscard]] const std::string& body() const noexcept { return body_; }
    /// The body as JSON; nesting up to 64. Throws `refusal` (400) when it is none, which answers the request.
    [[nodiscard]] boost::json::value json() const;
    /// The body as an `application/x-www-form-urlencoded` form. Throws `refusal` (415) for another content type.
    [[nodiscard]] name_values form() const;

    /// For a route that streams: the next piece of the body, as it arrives, nothing at the end. What is not asked for is not
    /// read, so that the client has to wait. A client that waits for `100 Continue` gets it with the first call. One task at a
    /// time.
    ///
    /// Throws `refusal`, which answers the request when the handler lets it go: 413 when the route's limit is exceeded, 408
    /// when the client is too slow, 400 for broken framing; connection_lost when the client has gone. Throws
    /// invalid_state_error once the reply was sent. **Cancellation** loses nothing.
    [[nodiscard]] awaitable<std::optional<std::string>> next_chunk();
    /// The rest of the body, which `body()` has from then on as well. Bodies over the limit of the route (of the server, when
    /// the route has none) throw `refusal` (413). The request must stay where it is meanwhile. Else like `next_chunk`.
    [[nodiscard]] awaitable<std::string> read();
    /// What the client says the whole body's size is; nothing when it sends chunks.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;

    /// Who asks; an address without a path for a Unix socket.
    [[nodiscard]] const address& peer() const noexcept;
    /// Whether it came over TLS.
    [[nodiscard]] bool is_secure() const noexcept;

private:
    friend struct server_access;
    std::string method_;
    std::string target_;
    http::headers headers_;
    std::string body_;
    name_values params_;
    std::shared_ptr<detail::request_source> source_;  // of a body that is still to be read
    std::shared_ptr<const detail::client_facts> client_;
    int version_ = 11;
};

}  // namespace brio::inline v0::http
