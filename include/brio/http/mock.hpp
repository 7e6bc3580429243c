// SPDX-License-Identifier: BSL-1.0
// mock: a server in the place of the network, for tests of code that uses sessions.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/url.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http {

namespace detail {
class mock_state;
}

/// A request as it arrived: what was really sent, with automatic headers, cookies and credentials.
class BRIO_API mock_request {
public:
    mock_request(std::string method, http::url url, http::headers headers, std::string body);

    [[nodiscard]] const std::string& method() const noexcept { return method_; }
    [[nodiscard]] const http::url& url() const noexcept { return url_; }
    /// Of the URL, percent-encoded.
    [[nodiscard]] std::string_view path() const noexcept { return url_.path(); }
    [[nodiscard]] const http::headers& headers() const noexcept { return headers_; }
    /// First value of a header, empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept { return headers_.get(name).value_or(std::string_view()); }
    [[nodiscard]] const std::string& body() const noexcept { return body_; }

private:
    std::string method_;
    http::url url_;
    http::headers headers_;
    std::string body_;
};

/// What the mock answers, and how that arrives; setters chain. `mock_reply(404)`, `mock_reply(200, "text").delay(2s)`.
class BRIO_API mock_reply {
public:
    using duration = std::chrono::steady_clock::duration;

    /// Throws invalid_request for a status outside of 200 to 999.
    explicit mock_reply(unsigned status = 200, std::string body = std::string());
    /// These bytes as they are, whatever they mean.
    [[nodiscard]] static mock_reply raw(std::string bytes);
    /// Nothing comes, and the connection stays open.
    [[nodiscard]] static mock_reply never();

    /// Throws invalid_request for what cannot be sent.
    mock_reply& header(std::string_view name, std::string_view value);
    /// How long it takes until the first byte is there.
    mock_reply& delay(duration time);
    /// It arrives in pieces of that many bytes, so long after each other.
    mock_reply& pieces(std::size_t bytes, duration pause = duration::zero());
    /// Only that many bytes of it arrive, head included; then the connection ends.
    mock_reply& cut(std::size_t bytes);
    /// The connection ends behind it.
    mock_reply& close();
    /// The connection breaks behind it, or where it was cut.
    mock_reply& reset();

private:
    friend class detail::mock_state;

    http::headers fields_;
    std::string body_;
    std::size_t cut_ = static_cast<std::size_t>(-1);
    std::size_t piece_ = 0; // 0: all at once
    duration delay_{};
    duration pause_{};
    unsigned status_ = 200; // 0: body_ is all there is
    bool never_ = false;
    bool close_ = false;
    bool reset_ = false;
};

/// Takes the place of name look-up, sockets, proxies and TLS of a session: `session_options().transport(m)`. Everything
/// above is as always: pool, redirects, cookies, retries, decoding, limits, errors. Nothing leaves the process, so that tests
/// may run in virtual time: replies that take an hour are there at once, and timeouts too.
///
/// A handle: copies are the same mock. It may serve several sessions of one loop.
class BRIO_API mock {
public:
    /// Is called when a request is there, head and body. When it throws, the connection breaks.
    using handler = std::function<mock_reply(const mock_request&)>;

    explicit mock(handler answer);
    mock(const mock&) noexcept;
    mock& operator=(const mock&) noexcept;
    ~mock();

    /// What has arrived so far, in order.
    [[nodiscard]] const std::vector<mock_request>& requests() const noexcept;
    /// How many connections were made.
    [[nodiscard]] std::size_t connections() const noexcept;
    /// From now on connecting fails (connect_error), or works again.
    void refuse_connections(bool on = true);

private:
    friend struct options_access;
    std::shared_ptr<detail::mock_state> state_;
};

} // namespace brio::inline v0::http
