// SPDX-License-Identifier: BSL-1.0
// A response with its whole body, and one whose body is still coming.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/timings.hpp>
#include <brio/http/url.hpp>

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http {

/// One redirect that was followed.
struct BRIO_API redirect {
    unsigned status;
    http::url url;        ///< what was asked for
    std::string location; ///< where the answer pointed
};

/// Decodes the charsets that brio has no tables for: `(label, bytes)` to UTF-8.
using charset_decoder = std::function<std::optional<std::string>(std::string_view, std::string_view)>;

namespace detail {
struct response_data;
class response_stream;
struct response_access;
} // namespace detail

/// Status, headers and whole body of an answer; aiohttp's `ClientResponse` after `read()`. It owns its bytes
/// and needs no session to live. Movable and cheap to copy (copies share the bytes).
class BRIO_API response {
public:
    explicit response(std::shared_ptr<const detail::response_data> data) noexcept;
    response(const response&) noexcept;
    response(response&&) noexcept;
    response& operator=(const response&) noexcept;
    response& operator=(response&&) noexcept;
    ~response();

    [[nodiscard]] unsigned status() const noexcept;
    [[nodiscard]] std::string_view reason() const noexcept;
    /// The status is below 400.
    [[nodiscard]] bool ok() const noexcept { return status() < 400; }
    [[nodiscard]] const http::headers& headers() const noexcept;
    /// First value of a header.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
    /// Trailer fields of a chunked body.
    [[nodiscard]] const http::headers& trailers() const noexcept;
    /// The URL that answered, after redirects.
    [[nodiscard]] const http::url& url() const noexcept;
    /// The redirects on the way, first one first.
    [[nodiscard]] const std::vector<redirect>& history() const noexcept;
    [[nodiscard]] const http::timings& timings() const noexcept;

    /// The body is still to come, and `body()` is empty: what a middleware sees of a stream.
    [[nodiscard]] bool is_streaming() const noexcept;
    /// The body, decoded; valid as long as a copy of the response lives.
    [[nodiscard]] std::string_view body() const noexcept;
    /// The body as UTF-8, by the charset of Content-Type (default UTF-8; what is malformed becomes U+FFFD).
    /// Throws decode_error for a charset that is not built in.
    [[nodiscard]] std::string text() const;
    /// ... by `other` for a charset that is not built in, with `iconv` for instance: it gets the label of Content-Type and the
    /// body, and gives UTF-8, or nothing when it does not know that label either. aiohttp's `fallback_charset_resolver`.
    [[nodiscard]] std::string text(const charset_decoder& other) const;
    /// The body as JSON, whatever its content type; nesting up to 64. Throws decode_error with the offset.
    [[nodiscard]] boost::json::value json() const;
    /// Throws status_error when the status is 400 or more; gives the response back.
    const response& raise_for_status() const;

private:
    friend struct detail::response_access;

    std::shared_ptr<const detail::response_data> data_;
};

/// An answer that no server has given: for a middleware that replies by itself, and for tests. Throws invalid_url.
[[nodiscard]] BRIO_API response make_response(unsigned status, std::string body = std::string(), headers fields = headers(),
                                              std::string_view url = "http://localhost/");

/// An answer whose body is read piece by piece; what `session.stream` gives. Movable. Destroyed before the
/// end of the body, it closes its connection. One task at a time may read.
class BRIO_API streaming_response {
public:
    explicit streaming_response(std::unique_ptr<detail::response_stream> stream) noexcept;
    streaming_response(streaming_response&&) noexcept;
    streaming_response& operator=(streaming_response&&) noexcept;
    ~streaming_response();

    [[nodiscard]] unsigned status() const noexcept;
    [[nodiscard]] std::string_view reason() const noexcept;
    [[nodiscard]] bool ok() const noexcept { return status() < 400; }
    [[nodiscard]] const http::headers& headers() const noexcept;
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
    [[nodiscard]] const http::url& url() const noexcept;
    [[nodiscard]] const std::vector<redirect>& history() const noexcept;
    [[nodiscard]] const http::timings& timings() const noexcept;
    /// The announced length of the raw body.
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept;

    /// The next piece of the decoded body, never empty; none at its end. The view is valid until the next
    /// call. Throws timeout, incomplete_body, connection_lost, decode_error, protocol_error, session_closed; afterwards, and
    /// after **cancellation**, the connection is closed and the stream can only be destroyed. invalid_state_error for a second
    /// reader, and for reading on after a failure.
    [[nodiscard]] awaitable<std::optional<std::string_view>> next_chunk();
    /// The next line without its end (LF or CR LF), none at the end of the body. A line longer than 1 MiB
    /// throws body_too_large. Valid until the next call.
    [[nodiscard]] awaitable<std::optional<std::string_view>> next_line();
    /// The rest of the body, from behind the last chunk or line; more than `max_size` bytes throw body_too_large.
    [[nodiscard]] awaitable<std::string> read(std::uint64_t max_size = 128 * 1024 * 1024);
    /// Throws status_error (without body) when the status is 400 or more.
    void raise_for_status() const;

private:
    friend struct detail::response_access;

    std::unique_ptr<detail::response_stream> stream_;
};

} // namespace brio::inline v0::http
