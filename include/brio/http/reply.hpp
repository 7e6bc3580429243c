// SPDX-License-Identifier: BSL-1.0
// reply: what a handler answers.
#pragma once

#include <brio/compose/generator.hpp>
#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/file_options.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/reply_writer.hpp>
#include <brio/io/stream.hpp>

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace brio::inline v0::http {

namespace detail {

/// What makes a body when it is needed.
class BRIO_API reply_source {
public:
    reply_source() noexcept = default;
    reply_source(const reply_source&) = delete;
    reply_source& operator=(const reply_source&) = delete;
    virtual ~reply_source();
};

/// ... piece by piece.
class BRIO_API reply_producer : public reply_source {
public:
    virtual awaitable<> produce(reply_writer& out) = 0;
};

template <class F>
class reply_producer_of final : public reply_producer {
public:
    template <class G>
    explicit reply_producer_of(std::in_place_t, G&& function) : function_(std::forward<G>(function)) {}
    awaitable<> produce(reply_writer& out) override { return std::invoke(function_, out); }

private:
    F function_;
};

}  // namespace detail

/// The answer of a handler; aiohttp's `web.Response`. Copies of one with a streamed body share that body.
class BRIO_API reply {
public:
    /// A final answer: a status below 200 is logged, and 500 is sent.
    explicit reply(unsigned status = 200, std::string body = {});
    reply(const reply&);
    reply(reply&&) noexcept;
    reply& operator=(const reply&);
    reply& operator=(reply&&) noexcept;
    ~reply();

    /// `text/plain; charset=utf-8`
    [[nodiscard]] static reply text(std::string utf8, unsigned status = 200);
    /// `text/html; charset=utf-8`
    [[nodiscard]] static reply html(std::string utf8, unsigned status = 200);
    /// `application/json`
    [[nodiscard]] static reply json(const boost::json::value& value, unsigned status = 200);
    /// Sends the client elsewhere: 301, 302, 303 (after a POST), 307 or 308. Throws std::invalid_argument outside of 300 to 399.
    [[nodiscard]] static reply redirect(std::string_view location, unsigned status = 302);

    /// A body that `write`, a coroutine function `awaitable<>(reply_writer&)`, makes while it is sent. It is called when the
    /// head has been sent, not at all for HEAD, and kept until its end, so it may hold what it needs, the request for example:
    /// its body can still be read then. Sent in chunks, to HTTP/1.0 clients until the connection ends, or with the length that
    /// `length()` gives. When it fails, that is logged and the connection is cut, so that the client notices.
    template <class F>
        requires std::is_invocable_r_v<awaitable<>, std::decay_t<F>&, reply_writer&>
    [[nodiscard]] static reply stream(F&& write, unsigned status = 200) {
        return made_by(std::make_shared<detail::reply_producer_of<std::decay_t<F>>>(std::in_place, std::forward<F>(write)), status);
    }
    /// A body whose pieces a generator gives. It is closed when the client has gone.
    [[nodiscard]] static reply stream(generator<std::string> pieces, unsigned status = 200);

    /// A file, with Range, conditional requests, and a content type by its name. The path is the program's own: it is opened
    /// as it is, in a thread, when a handler or a middleware has returned this. Those outside of that see what the client gets:
    /// the status (200, 206, 304, 412, 416; 404 when it cannot be opened) and the file's fields, unless this reply has its own.
    /// As an error page it keeps the status of the error. To serve a folder, use `server::files`.
    [[nodiscard]] static reply file(std::string path, file_options options = file_options());

    /// Leaves HTTP: after the head of this reply (101 Switching Protocols; add `Upgrade` and `Connection: Upgrade`), `then`
    /// has the connection, with everything that was read ahead of it in the stream's buffer. What is left of the request's body
    /// is skipped before that; when it is much, the answer is 413. The connection counts as one of the server until `then` is
    /// done; `server::close` cancels it.
    [[nodiscard]] static reply take_over(std::function<awaitable<>(brio::stream)> then);

    /// Appends a header field; throws invalid_request for a name or value that cannot be sent.
    reply& header(std::string_view name, std::string_view value);
    /// The type of the body, in place of another one.
    reply& content_type(std::string_view type);
    /// The size of a streamed body.
    reply& length(std::uint64_t bytes);
    /// Closes the connection after this answer.
    reply& close(bool on = true) {
        close_ = on;
        return *this;
    }

    [[nodiscard]] unsigned status() const noexcept { return status_; }
    /// Empty when it is made while it is sent.
    [[nodiscard]] const std::string& body() const noexcept { return body_; }
    [[nodiscard]] const http::headers& headers() const noexcept { return headers_; }

private:
    friend struct server_access;
    static reply made_by(std::shared_ptr<detail::reply_source> source, unsigned status);

    unsigned status_;
    bool close_ = false;
    std::string body_;
    http::headers headers_;
    std::shared_ptr<detail::reply_source> source_;
    std::optional<std::uint64_t> length_;
};

}  // namespace brio::inline v0::http
