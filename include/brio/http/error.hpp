// SPDX-License-Identifier: BSL-1.0
// The exceptions of the HTTP layer: what failed, in which phase of the request, for which URL.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

/// How far a request had come when it failed.
enum class phase : unsigned char {
    url,      ///< the URL text is not one that can be requested
    request,  ///< the request itself is invalid (method, header, body); nothing was sent
    pool,     ///< waiting for a free connection (a limit that passes meanwhile is that of the whole call: `total`)
    resolve,  ///< looking the host name up
    connect,  ///< TCP (or Unix socket) connect
    proxy,    ///< talking to the proxy
    tls,      ///< TLS handshake or certificate check
    write,    ///< sending the request
    headers,  ///< waiting for, or reading, the head of the response
    body,     ///< reading the body of the response
    redirect, ///< following a redirect
    decode,   ///< undoing Content-Encoding, charset or JSON
    status,   ///< the response arrived whole; its status is an error
    closed,   ///< the session (or server) was closed
    total,    ///< the limit for the whole call
};

/// The enumerator's name: `"connect"`, `"headers"`, ...
[[nodiscard]] BRIO_API std::string_view to_string(phase p) noexcept;

/// Base of every error of the HTTP layer (aiohttp's `ClientError`). Copies share their text, so copying
/// cannot throw.
class BRIO_API error : public brio::error {
public:
    error(http::phase where, const std::string& message);
    error(const error&) noexcept = default;
    error& operator=(const error&) noexcept = default;
    ~error() override;

    /// The message, followed by the URL in brackets once it is known.
    [[nodiscard]] const char* what() const noexcept override;
    /// How far the request had come.
    [[nodiscard]] http::phase phase() const noexcept { return phase_; }
    /// The URL of the hop that failed; empty when unknown. Never holds user name or password.
    [[nodiscard]] std::string_view url() const noexcept;

    /// Adds the URL to an error that was made without it; any user name and password are cut out. The first
    /// URL stays: a second call changes nothing.
    void attach_url(std::string_view url);
    /// Replaces the phase (the same protocol error may come from a server or from a proxy).
    void set_phase(http::phase p) noexcept { phase_ = p; }

private:
    struct context;
    std::shared_ptr<const context> context_;
    http::phase phase_;
};

/// The text is not a URL that can be requested.
class BRIO_API invalid_url : public error {
public:
    explicit invalid_url(const std::string& message) : error(http::phase::url, message) {}
    ~invalid_url() override;
};

/// The caller's request cannot be sent: bad method, bad header, contradicting lengths, a body that cannot be
/// repeated. Nothing (more) was sent.
class BRIO_API invalid_request : public error {
public:
    explicit invalid_request(const std::string& message) : error(http::phase::request, message) {}
    ~invalid_request() override;
};

/// No connection could be made (aiohttp's `ClientConnectorError`): phase() is resolve, connect or proxy.
class BRIO_API connect_error : public error {
public:
    connect_error(http::phase where, const std::string& message) : error(where, message) {}
    ~connect_error() override;
};

/// The TLS handshake failed or the certificate was not accepted.
class BRIO_API tls_error : public error {
public:
    /// `reason` is the certificate checker's text, empty when the handshake failed otherwise.
    tls_error(const std::string& message, std::string reason);
    ~tls_error() override;
    /// Why the certificate was refused ("certificate has expired", ...); empty when that was not the cause.
    [[nodiscard]] const std::string& reason() const noexcept { return *reason_; }

private:
    std::shared_ptr<const std::string> reason_;
};

/// A time limit of the request passed; phase() tells which one. (Not a `brio::timeout_error`: that one comes
/// from the caller's own `wait_for`/`with_timeout`.)
class BRIO_API timeout : public error {
public:
    timeout(http::phase where, const std::string& message) : error(where, message) {}
    ~timeout() override;
};

/// The connection broke: reset, refused write, closed before the response.
class BRIO_API connection_lost : public error {
public:
    connection_lost(http::phase where, const std::string& message) : error(where, message) {}
    ~connection_lost() override;
};

/// The peer sent something that is not valid HTTP, or more than the limits allow.
class BRIO_API protocol_error : public error {
public:
    protocol_error(http::phase where, const std::string& message) : error(where, message) {}
    ~protocol_error() override;
};

/// The connection ended inside the head or the body (aiohttp's `ClientPayloadError`).
class BRIO_API incomplete_body : public error {
public:
    incomplete_body(http::phase where, std::uint64_t received, std::optional<std::uint64_t> expected);
    ~incomplete_body() override;
    /// Body bytes that arrived, before decoding.
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
    /// Body bytes announced; nullopt when the body was chunked or the head itself was cut.
    [[nodiscard]] std::optional<std::uint64_t> expected() const noexcept { return expected_; }

private:
    std::uint64_t received_;
    std::optional<std::uint64_t> expected_;
};

/// A body is larger than the limit set for it.
class BRIO_API body_too_large : public error {
public:
    /// `knob` names the option that raises the limit.
    body_too_large(std::uint64_t limit, std::uint64_t received, std::string_view knob);
    ~body_too_large() override;
    /// The limit in bytes (decoded).
    [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }

private:
    std::uint64_t limit_;
};

/// The body's Content-Encoding cannot be undone, or its text or JSON is malformed.
class BRIO_API decode_error : public error {
public:
    explicit decode_error(const std::string& message) : error(http::phase::decode, message) {}
    ~decode_error() override;
};

/// A redirect was refused: https to http, another scheme, a body that cannot be sent again.
class BRIO_API redirect_error : public error {
public:
    explicit redirect_error(const std::string& message) : error(http::phase::redirect, message) {}
    ~redirect_error() override;
};

/// More redirects than allowed.
class BRIO_API too_many_redirects : public redirect_error {
public:
    using redirect_error::redirect_error;
    ~too_many_redirects() override;
};

/// A status of 400 or more, when the caller asked for an exception (aiohttp's `ClientResponseError`).
class BRIO_API status_error : public error {
public:
    /// Keeps at most the first 4 KiB of `body`.
    status_error(unsigned status, std::string_view url, std::string_view body);
    ~status_error() override;
    [[nodiscard]] unsigned status() const noexcept { return status_; }
    /// The first 4 KiB of the decoded body.
    [[nodiscard]] std::string_view body() const noexcept { return *body_; }

private:
    std::shared_ptr<const std::string> body_;
    unsigned status_;
};

/// The session was closed while the request waited or ran, or before it began.
class BRIO_API session_closed : public error {
public:
    explicit session_closed(const std::string& message) : error(http::phase::closed, message) {}
    ~session_closed() override;
};

} // namespace brio::inline v0::http
