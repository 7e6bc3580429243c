// SPDX-License-Identifier: BSL-1.0
// Push parser for requests on the server side: the same strictness as the response parser, and a verdict for
// errors.
#pragma once

#include "parser_types.hpp"

#include <brio/http/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Parses one request after another from a connection. Usage as for response_parser. When feed() throws
/// (protocol_error, body_too_large), the connection must be answered with error_status() and closed.
class request_parser {
public:
    explicit request_parser(const parser_limits& limits = {});
    ~request_parser();
    request_parser(request_parser&&) noexcept;
    request_parser& operator=(request_parser&&) noexcept;

    /// Forgets the previous request; call before each one. `body_limit` counts body bytes without chunk
    /// framing.
    void reset(std::uint64_t body_limit = 1024 * 1024);

    parse_result feed(std::string_view in);
    /// The connection ended: returns when that is fine (before the first byte, or done), else throws
    /// incomplete_body.
    void feed_eof();
    /// As in response_parser.
    void account_body(std::size_t n) noexcept;

    [[nodiscard]] bool got_some() const noexcept;
    [[nodiscard]] bool head_done() const noexcept;
    [[nodiscard]] bool done() const noexcept;
    [[nodiscard]] std::string_view method() const noexcept;
    /// The request target as sent: origin form, absolute form, authority form (CONNECT) or `*` (OPTIONS).
    [[nodiscard]] std::string_view target() const noexcept;
    /// Path and query of the target, also for the absolute form; empty for authority form and `*`.
    [[nodiscard]] std::string_view path_and_query() const noexcept;
    [[nodiscard]] int version() const noexcept;
    [[nodiscard]] http::headers& headers() noexcept;
    [[nodiscard]] http::headers& trailers() noexcept;
    [[nodiscard]] framing body_framing() const noexcept;
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;
    [[nodiscard]] std::uint64_t remaining() const noexcept;
    [[nodiscard]] std::uint64_t received() const noexcept;
    [[nodiscard]] bool keep_alive() const noexcept;
    /// The client waits for `100 Continue` before it sends the body.
    [[nodiscard]] bool expects_continue() const noexcept;
    /// After an exception: the status to answer with (400, 413, 417, 431 or 505).
    [[nodiscard]] unsigned error_status() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace brio::inline v0::http::detail
