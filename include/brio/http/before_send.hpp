// SPDX-License-Identifier: BSL-1.0
// A function that sees each request just before it is sent: for signatures and tokens.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/url.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

/// A request as it is about to be sent: after a redirect, and when it is sent again, a further one. `requests` calls it
/// PreparedRequest. Valid until the function that gets it is done.
class BRIO_API prepared_request {
public:
    prepared_request(std::string_view method, const http::url& url, std::optional<std::string_view> body, http::headers& fields) noexcept
        : method_(method), url_(url), body_(body), headers_(fields) {}

    [[nodiscard]] std::string_view method() const noexcept { return method_; }
    /// Where this request goes; its `authority()` becomes the Host header.
    [[nodiscard]] const http::url& url() const noexcept { return url_; }
    /// The body when it is in memory; none for requests without a body, and for files, generators and forms with parts.
    [[nodiscard]] std::optional<std::string_view> body() const noexcept { return body_; }
    /// The caller's headers, those of the session, credentials and cookies; may be changed. What is changed is changed for this one
    /// request: a signature goes to no other host. Sent in front of them, unless they are among them: Host, User-Agent, Accept and
    /// Accept-Encoding; behind them what frames the body.
    [[nodiscard]] http::headers& headers() noexcept { return headers_; }

private:
    std::string_view method_;
    const http::url& url_;
    std::optional<std::string_view> body_;
    http::headers& headers_;
};

/// A coroutine function (it may be a lambda with captures, which live as long as the session). It is awaited before the request
/// has a connection, so that it may make requests of its own, with a session of its own. What it throws ends the call:
///
///     awaitable<> sign(http::prepared_request& q) {
///         q.headers().set("Authorization", signature_of(q.method(), q.url(), q.body()));
///         co_return;
///     }
using before_send = std::function<awaitable<>(prepared_request&)>;

} // namespace brio::inline v0::http
