// SPDX-License-Identifier: BSL-1.0
// Server-Sent Events.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

namespace detail {
class event_source;
}

/// One event of a stream; text is well-formed UTF-8.
class BRIO_API server_event {
public:
    server_event();

    std::string type = "message";
    std::string data; ///< lines joined by LF
    std::string id;   ///< the last id that the stream named, perhaps with an earlier event

    friend bool operator==(const server_event&, const server_event&) = default;
};

/// The events of a URL, as a browser's `EventSource` gives them; what `session.events` returns. Movable; dropped, it
/// closes its connection. One task at a time may read.
///
///     auto news = web.events("https://news.example/live");
///     while (auto event = co_await news.next()) std::cout << event->data << '\n';
class BRIO_API event_stream {
public:
    explicit event_stream(std::unique_ptr<detail::event_source> source) noexcept;
    event_stream(event_stream&&) noexcept;
    event_stream& operator=(event_stream&&) noexcept;
    ~event_stream();

    /// The next event; none when the server has ended the stream for good, with 204. The first call connects.
    ///
    /// When the connection is lost, ends, or is silent for the read timeout, it is made anew after a pause (3 s, or what
    /// the server said) with the id of the last event; five failures in a row, each after a longer pause, throw the last
    /// error. A connection that has lasted, longer than the pause before it and a tenth of a second, is no failure, however quiet it
    /// was; one that only ends, without an error, is made anew for ever. Thrown at once: an error of the first connection; status_error for a status other than 200 and 204;
    /// protocol_error for another content type than text/event-stream; body_too_large for an event over 1 MiB. After an
    /// error the next call connects again.
    /// **Cancellation** closes the connection; the next call makes it anew and goes on behind the last event.
    [[nodiscard]] awaitable<std::optional<server_event>> next();
    /// The id to go on with, also in another process: a header `Last-Event-ID` of the options begins there.
    [[nodiscard]] const std::string& last_event_id() const noexcept;

private:
    std::unique_ptr<detail::event_source> source_;
};

} // namespace brio::inline v0::http
