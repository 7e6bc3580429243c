// SPDX-License-Identifier: BSL-1.0
// One middleware after the other, and the call at their end.
#include <brio/http/middleware.hpp>

#include "http/call.hpp"
#include "http/options_access.hpp"
#include "http/session_core.hpp"

#include <utility>

namespace brio::inline v0::http {

outgoing::outgoing(std::string method_, std::string url_, http::options options_)
    : method(std::move(method_)), url(std::move(url_)), options(std::move(options_)) {}

next_call::next_call(std::shared_ptr<detail::session_core> core, std::size_t position) : core_(std::move(core)), position_(position) {}
next_call::next_call(const next_call&) = default;
next_call::next_call(next_call&&) noexcept = default;
next_call::~next_call() = default;

namespace {

// The functions live in the session's state, which stays until they are done.
awaitable<response> keep_while([[maybe_unused]] std::shared_ptr<detail::session_core> core, awaitable<response> running) {
    response answer = co_await std::move(running);
    co_return answer;
}

} // namespace

awaitable<response> next_call::operator()(outgoing call) const {
    const std::vector<middleware>& all = options_access::middlewares(core_->defaults);
    if (position_ == all.size()) return detail::run_call(core_, std::move(call.method), std::move(call.url), std::move(call.options));
    return keep_while(core_, all[position_](std::move(call), next_call(core_, position_ + 1)));
}

} // namespace brio::inline v0::http
