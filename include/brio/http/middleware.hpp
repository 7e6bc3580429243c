// SPDX-License-Identifier: BSL-1.0
// Functions around the calls of a session.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/http/options.hpp>
#include <brio/http/response.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace brio::inline v0::http {

namespace detail {
class session_core;
enum class body_mode : bool { whole, streamed };
}

/// A call before it is made. A middleware may change it: add headers, rewrite the URL.
class BRIO_API outgoing {
public:
    outgoing(std::string method_, std::string url_, http::options options_);

    std::string method;
    std::string url; ///< as the caller gave it, perhaps relative to `base_url`
    http::options options;
};

/// What follows after a middleware: further ones, and then the request itself. Copyable; may be called several times, or
/// not at all. Bodies out of generators exist only once.
class BRIO_API next_call {
public:
    next_call(std::shared_ptr<detail::session_core> core, std::size_t position, detail::body_mode mode);
    next_call(const next_call&);
    next_call(next_call&&) noexcept;
    ~next_call();

    [[nodiscard]] awaitable<response> operator()(outgoing call) const;

private:
    std::shared_ptr<detail::session_core> core_;
    std::size_t position_;
    detail::body_mode mode_;
};

/// A coroutine function (it may be a lambda with captures, which live as long as the session): gets the call, gives its
/// answer, in most cases that of `next`. It stands around the whole call, with its redirects and retries; what concerns each
/// request is for `before_send`. Of a call whose body is read later (`stream`, `download`, `events`) it sees an answer that
/// `is_streaming()`, and the caller reads the stream of the one that is given back; an answer made by hand streams its body.
///
///     awaitable<http::response> stamped(http::outgoing call, http::next_call next) {
///         call.options.header("X-Request-Id", new_id());
///         http::response answer = co_await next(std::move(call));
///         co_return answer;
///     }
using middleware = std::function<awaitable<response>(outgoing, next_call)>;

} // namespace brio::inline v0::http
