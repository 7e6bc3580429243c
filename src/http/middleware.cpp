// SPDX-License-Identifier: BSL-1.0
// One middleware after the other, and the call at their end.
#include <brio/http/middleware.hpp>

#include "http/call.hpp"
#include "http/middleware_chain.hpp"
#include "http/options_access.hpp"
#include "http/response_stream.hpp"
#include "http/session_core.hpp"

#include <utility>

namespace brio::inline v0::http {

outgoing::outgoing(std::string method_, std::string url_, http::options options_)
    : method(std::move(method_)), url(std::move(url_)), options(std::move(options_)) {}

next_call::next_call(std::shared_ptr<detail::session_core> core, std::size_t position, detail::body_mode mode)
    : core_(std::move(core)), position_(position), mode_(mode) {}
next_call::next_call(const next_call&) = default;
next_call::next_call(next_call&&) noexcept = default;
next_call::~next_call() = default;

namespace {

// The functions live in the session's state, which stays until they are done.
awaitable<response> keep_while([[maybe_unused]] std::shared_ptr<detail::session_core> core, awaitable<response> running) {
    response answer = co_await std::move(running);
    co_return answer;
}

// The answer as middlewares see it: its head, with the stream behind it.
awaitable<response> run_to_head(std::shared_ptr<detail::session_core> core, outgoing call) {
    streaming_response stream = co_await detail::run_stream(std::move(core), std::move(call.method), std::move(call.url), std::move(call.options));
    auto data = std::make_shared<detail::response_data>(detail::response_access::head(stream));
    data->stream.emplace(std::move(stream));
    co_return response(std::move(data));
}

} // namespace

awaitable<response> next_call::operator()(outgoing call) const {
    const std::vector<middleware>& all = options_access::middlewares(core_->defaults);
    if (position_ < all.size()) return keep_while(core_, all[position_](std::move(call), next_call(core_, position_ + 1, mode_)));
    if (mode_ == detail::body_mode::streamed) return run_to_head(core_, std::move(call));
    return detail::run_call(core_, std::move(call.method), std::move(call.url), std::move(call.options));
}

namespace detail {

namespace {

bool is_bare(const session_core& core) noexcept { return options_access::middlewares(core.defaults).empty(); }

awaitable<streaming_response> stream_behind(awaitable<response> running) {
    const response answer = co_await std::move(running);
    const std::shared_ptr<const response_data>& data = response_access::data(answer);
    if (!data->stream) co_return streaming_response(std::make_unique<response_stream>(data));
    streaming_response stream = std::move(*data->stream);
    data->stream.reset();
    co_return stream;
}

} // namespace

awaitable<response> request_through(std::shared_ptr<session_core> core, std::string method, std::string url, options opts) {
    if (is_bare(*core)) return run_call(std::move(core), std::move(method), std::move(url), std::move(opts));
    return next_call(std::move(core), 0, body_mode::whole)(outgoing(std::move(method), std::move(url), std::move(opts)));
}

awaitable<streaming_response> stream_through(std::shared_ptr<session_core> core, std::string method, std::string url, options opts) {
    if (is_bare(*core)) return run_stream(std::move(core), std::move(method), std::move(url), std::move(opts));
    return stream_behind(next_call(std::move(core), 0, body_mode::streamed)(outgoing(std::move(method), std::move(url), std::move(opts))));
}

} // namespace detail

} // namespace brio::inline v0::http
