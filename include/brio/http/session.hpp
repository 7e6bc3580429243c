// SPDX-License-Identifier: BSL-1.0
// session: an HTTP/1.1 client with a connection pool.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/download.hpp>
#include <brio/http/event_stream.hpp>
#include <brio/http/options.hpp>
#include <brio/http/response.hpp>
#include <brio/http/session_options.hpp>
#include <brio/http/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0::http {

namespace detail {
class session_core;
}

/// Connections of a session, now and so far.
class BRIO_API session_stats {
public:
    std::size_t open = 0;    ///< connections, busy or idle
    std::size_t idle = 0;    ///< ... kept for the next request
    std::size_t waiting = 0; ///< requests that wait for a connection
    std::uint64_t created = 0;
    std::uint64_t reused = 0;
    std::uint64_t calls = 0;   ///< of the session's verbs that sent, or tried to send, a request
    std::uint64_t retried = 0; ///< requests sent again by `options.retry`

    session_stats() noexcept;
};

/// An HTTP client; aiohttp's `ClientSession`. It keeps connections alive, resolves names on threads of its
/// own, tries several addresses at once (happy eyeballs), speaks TLS 1.2 and 1.3 with certificates verified,
/// follows redirects without leaking credentials, and undoes content codings with limits on everything.
///
/// It belongs to the loop in which it makes its first request: requests in another loop, or in a child after fork(), throw
/// loop_error; other threads may not touch it. Any number of tasks of that loop may use it at the same time. Requests over HTTP/1.1; `Host`, `User-Agent`, `Accept` and `Accept-Encoding` are sent automatically.
///
/// Errors derive from `http::error` and carry the phase and the URL: `connect_error` (resolve, connect),
/// `tls_error`, `timeout`, `connection_lost`, `incomplete_body`, `protocol_error`, `body_too_large`,
/// `decode_error`, `redirect_error`, `invalid_url`, `invalid_request`, `status_error` if asked for,
/// `session_closed`.
/// **Cancellation** at any moment closes the request's connection, if it has one, and leaves its place in the
/// queue; other requests do not notice. A request that meets a kept-alive connection which the server has
/// just closed is repeated once, on a new one, if that is safe: no byte of an answer was seen, and the method is idempotent
/// or the request has certainly not been received.
class BRIO_API session {
public:
    /// Throws invalid_url (`base_url`), invalid_request (`tls`, netrc), tls_error (files of certificates), std::system_error
    /// (netrc).
    explicit session(session_options defaults = session_options());
    /// What was moved from may only be assigned to and destroyed; assignment closes the old session.
    session(session&&) noexcept;
    session& operator=(session&&) noexcept;
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    /// Closes every connection; requests under way end with session_closed.
    ~session();

    /// A request with that method and its answer, body included.
    [[nodiscard]] awaitable<response> request(std::string method, std::string url, options opts = options());
    [[nodiscard]] awaitable<response> get(std::string url, options opts = options());
    [[nodiscard]] awaitable<response> head(std::string url, options opts = options());
    [[nodiscard]] awaitable<response> post(std::string url, options opts = options());
    [[nodiscard]] awaitable<response> put(std::string url, options opts = options());
    [[nodiscard]] awaitable<response> patch(std::string url, options opts = options());
    /// DELETE
    [[nodiscard]] awaitable<response> del(std::string url, options opts = options());

    /// A request whose body is read piece by piece. Completes when the head of the answer is there; the
    /// whole-call timeout does not count the body.
    [[nodiscard]] awaitable<streaming_response> stream(std::string method, std::string url,
                                                       options opts = options());

    /// Downloads to a file: into a new one beside it, which takes its name when everything is there and on the disk; until
    /// then an old file of that name stays as it is. No limit on size or whole time, only `read_timeout`. With
    /// `resume` the new file is `PATH.part`, beside `PATH.part.info`, and stays there when the download ends early, provided that the
    /// server has said which version it is (a strong ETag, or a Last-Modified at least a minute old); a later one goes on behind it if the server says, by a strong ETag or a Last-Modified, that it is the same version,
    /// else it begins anew. With `options.retry` one that is cut off goes on by itself. Disk work is done by threads.
    /// Throws what `stream` throws, status_error for anything but success, protocol_error for an answer that does not
    /// fit the part, checksum_error, and std::system_error for files: also when the path is a directory or a symbolic
    /// link, or another download is writing the same part.
    /// **Cancellation**: there is no new file, unless that was being renamed, and a part only with `resume`.
    [[nodiscard]] awaitable<download_result> download(std::string url, std::string path,
                                                      download_options opts = download_options());

    /// The Server-Sent Events of a URL; nothing happens before the first `next()`.
    [[nodiscard]] event_stream events(std::string url, options opts = options());

    /// A WebSocket; `ws:`, `wss:`, `http:` and `https:` URLs. aiohttp's `ws_connect`. The handshake is a request with the
    /// session's headers, cookies, credentials, proxy (always by a tunnel) and limits, and follows redirects as a GET does;
    /// `request` says more about it. The connection is then the WebSocket's alone: it does not count for the session's
    /// limit. Throws as `get` does, and websocket_handshake_error for a server that does not agree.
    /// **Cancellation** closes the connection. When the session is closed or destroyed, so are its WebSockets (1001).
    [[nodiscard]] awaitable<http::websocket> websocket(std::string url, websocket_options wanted = websocket_options(),
                                                       options request = options());

    /// The jar of this session; nullopt for one made with no_cookies().
    [[nodiscard]] const std::optional<cookie_jar>& cookies() const noexcept;

    /// Closes idle connections and takes no more requests; those under way end with session_closed,
    /// WebSockets with 1001. Completes a turn of the loop later: all of them have been told by then, but need not have ended.
    [[nodiscard]] awaitable<> close();
    [[nodiscard]] bool is_closed() const noexcept;
    [[nodiscard]] session_stats stats() const noexcept;

private:
    std::shared_ptr<detail::session_core> core_;
};

} // namespace brio::inline v0::http
