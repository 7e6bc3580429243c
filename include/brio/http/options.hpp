// SPDX-License-Identifier: BSL-1.0
// What one request says beyond its URL.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/auth.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/multipart.hpp>
#include <brio/http/percent.hpp>
#include <brio/http/retry_rules.hpp>

#include <boost/json/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0 {
template <class T>
class generator;
}

namespace brio::inline v0::http {

namespace detail {
class body_factory;
}

/// Options of one request. Setters give the object back, so that they chain:
/// `session.get(url, http::options().query("page", "2").timeout(5s))`. What is not set is taken from the
/// session.
///
/// Durations: 0 or less means "no limit". Headers are checked when they are set: `invalid_request`.
class BRIO_API options {
public:
    using duration = std::chrono::steady_clock::duration;

    options();
    options(const options&);
    options(options&&) noexcept;
    options& operator=(const options&);
    options& operator=(options&&) noexcept;
    ~options();

    /// Appends a header field; order and spelling are kept on the wire. An empty value for `User-Agent`,
    /// `Accept` or `Accept-Encoding` suppresses that automatic one. Setting `Accept-Encoding` turns decoding
    /// off.
    options& header(std::string_view name, std::string_view value);
    /// The same for a header that is a secret, as an API key is: redirects to another origin go without it.
    options& sensitive_header(std::string_view name, std::string_view value);
    /// Adds a cookie to this request alone, in place of one of that name in the session's jar; like a Cookie header,
    /// which it is appended to, it does not travel to another origin. Throws invalid_request for a name or value
    /// with `;`, a control character or, in the name, `=`, and for an empty name.
    options& cookie(std::string_view name, std::string_view value);
    /// Credentials for the origin of the URL. Together with a header Authorization or a user name in the URL they are an
    /// error of the call, invalid_request.
    options& auth(http::auth credentials);
    /// Appends a query parameter to the URL's query, percent-encoded.
    options& query(std::string name, std::string value);

    /// The body, bytes as they are; its content type is yours to set.
    options& body(std::string bytes);
    /// The body, with `Content-Type: text/plain; charset=utf-8` unless one is set.
    options& text(std::string utf8);
    /// The body, compact JSON with `Content-Type: application/json` unless one is set.
    options& json(const boost::json::value& value);
    /// The body, a form with files, and its content type unless one is set.
    options& body(multipart form);
    /// The body, pieces as `pieces` yields them, each sent at once. With a `size` that is announced, and more or fewer
    /// bytes are an error of the call, invalid_request; without it they go out in chunks. Such a body can be sent only
    /// once: a redirect that asks for it again is a redirect_error, a second request invalid_request, and a challenge of
    /// digest or an answer that `retry` is for is handed out as it is.
    options& body(generator<std::string> pieces, std::optional<std::uint64_t> size = std::nullopt);
    /// The body, a file that is read while it is sent: as in a multipart.
    options& body_file(std::string path, std::string content_type = "application/octet-stream");
    /// Send the body packed by gzip, with `Content-Encoding: gzip`. A server that cannot unpack it answers 415 or 400, which
    /// is why this is off by default. Together with a header Content-Encoding it is an error of the call, invalid_request.
    options& compress(bool on = true);
    /// Send the head with `Expect: 100-continue`, and the body when the server asks for it, or after a second: worth it for
    /// large bodies that a server may refuse. After any other answer the body is not sent, and the connection is closed;
    /// after 417 the request is made once more, without asking. Off by default. A header Expect of that value does the same.
    options& expect_continue(bool on = true);
    /// Appends a field to an HTML form body (`application/x-www-form-urlencoded`). Together with another body it is an error of
    /// the call, invalid_request.
    options& form(std::string name, std::string value);

    /// For the whole call, redirects and body included; a stream's body is not counted.
    options& timeout(duration limit);
    /// For name look-up, TCP, proxy and TLS together.
    options& connect_timeout(duration limit);
    /// Between two arrivals of bytes, and between two progressing writes.
    options& read_timeout(duration limit);

    /// At least so many bytes of the body in each `span` of waiting, against servers that send a little now and then; a
    /// slower one is a `timeout` of phase body. Off by default. What the reader of a stream does meanwhile does not count.
    /// Throws invalid_request for a span of 0.
    options& min_rate(std::uint64_t bytes, duration span);
    /// The name that the server is asked for by TLS (SNI), and that its certificate must have, in place of the URL's host.
    /// Connections are shared by requests with the same one. Redirects to another origin go without it.
    /// Throws invalid_request for what is no host name.
    options& server_name(std::string name);
    /// Over TLS, a body that ends with the connection is taken as whole even if TLS was not ended: somebody on the way may
    /// have cut it [false].
    options& allow_truncated(bool on = true);

    /// Redirects followed at most; 0 hands the 3xx response out.
    options& redirects(unsigned most);
    /// Follow redirects from https to http as well; refused by default.
    options& allow_downgrade(bool on);
    /// Limit of a decoded body that is read whole, in bytes. Also so much of an answer is read while the body of the request is
    /// still being sent; with more than that, the rest of the request is not sent.
    options& max_body(std::uint64_t bytes);
    /// Undo gzip and deflate, br and zstd where they were built in, and ask for them (default); or ask for nothing and hand the
    /// body out as it came. Parts (`Range`, 206) are never undone.
    options& decode(bool on);
    /// Send the request again after failures that pass; off by default.
    options& retry(retry_rules rules);
    /// Throw `status_error` for a status of 400 or more.
    options& raise_for_status(bool on = true);

private:
    friend class session;
    friend class session_options;
    friend struct options_access;

    headers headers_;
    std::vector<std::string> sensitive_; // names of headers that stay with the origin
    std::optional<http::auth> auth_;
    name_values query_;
    name_values form_;
    std::optional<std::string> body_;
    std::string content_type_; // of body_, when the caller sets none
    std::shared_ptr<detail::body_factory> source_; // in place of body_
    std::optional<bool> compress_;
    std::optional<bool> expect_continue_;
    std::optional<duration> timeout_;
    std::optional<duration> connect_timeout_;
    std::optional<duration> read_timeout_;
    std::optional<std::pair<std::uint64_t, duration>> min_rate_;
    std::string server_name_;
    std::optional<bool> allow_truncated_;
    std::optional<unsigned> redirects_;
    std::optional<bool> allow_downgrade_;
    std::optional<std::uint64_t> max_body_;
    std::optional<bool> decode_;
    std::optional<retry_rules> retry_;
    std::optional<bool> raise_;
};

} // namespace brio::inline v0::http
