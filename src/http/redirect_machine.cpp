// SPDX-License-Identifier: BSL-1.0
// The redirect rules of the fetch standard, with a stricter treatment of credentials.
#include "redirect_machine.hpp"

#include <brio/http/error.hpp>

#include <utility>

namespace brio::inline v0::http::detail {

bool is_redirect_status(unsigned status) noexcept {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

redirect_machine::redirect_machine(http::url start, std::string method, redirect_policy policy)
    : target_(std::move(start)), method_(std::move(method)), policy_(policy) {}

bool redirect_machine::follow(unsigned status, std::optional<std::string_view> location,
                              http::headers& request, body_kind body,
                              const std::vector<std::string>& sensitive) {
    if (policy_.most == 0 || !location || !is_redirect_status(status)) return false;
    if (history_.size() >= policy_.most) {
        std::string text = "more than " + std::to_string(policy_.most) + " redirects";
        for (const auto& hop : history_) text += "\n  " + std::to_string(hop.status) + " " + hop.from.str();
        too_many_redirects e(text + "\nraise the redirect limit or set it to 0 to see the answers");
        e.attach_url(target_.str());
        throw e;
    }
    auto next = resolve(*location);
    const bool same_origin = next.origin() == target_.origin();
    change_method(status, request, body);
    if (!same_origin) leave_origin(request, sensitive);
    history_.push_back({status, std::exchange(target_, std::move(next)), std::string(*location)});
    return true;
}

http::url redirect_machine::resolve(std::string_view location) const {
    auto next = target_.resolve(location);
    if (!next.is_http())
        throw redirect_error("the redirect to the scheme \"" + std::string(next.scheme()) + "\" is refused");
    if (target_.secure() && !next.secure() && !policy_.allow_downgrade)
        throw redirect_error("the redirect from https to " + next.str() +
                             " is refused, because it is not encrypted; allow_downgrade permits it");
    if (!next.has_fragment() && target_.has_fragment()) next = next.with_fragment(target_.fragment());
    // User and password in a Location are somebody else's choice of credentials.
    const bool relative = next.has_userinfo() && target_.has_userinfo() &&
                          next.origin() == target_.origin() && next.user() == target_.user() &&
                          next.password() == target_.password();
    return relative ? next : next.without_userinfo();
}

void redirect_machine::change_method(unsigned status, http::headers& request, body_kind body) {
    const bool to_get = (status == 303 && method_ != "GET" && method_ != "HEAD") ||
                        ((status == 301 || status == 302) && method_ == "POST");
    if (to_get) {
        method_ = "GET";
        send_body_ = false;
        for (std::string_view name :
             {"Content-Length", "Transfer-Encoding", "Content-Type", "Content-Encoding", "Content-Language",
              "Content-Location", "Digest", "Content-Digest", "Expect"})
            request.remove(name);
        return;
    }
    if (send_body_ && body == body_kind::one_shot)
        throw redirect_error(
            "the server answered " + std::to_string(status) +
            ", which asks to send the body again, but a streamed body exists only once; pass the body as "
            "bytes, as a file or as a form, or disable redirects for this call");
}

bool redirect_machine::downgraded() const noexcept {
    if (target_.secure()) return false;
    for (const redirect_hop& hop : history_) {
        if (hop.from.secure()) return true;
    }
    return false;
}

void redirect_machine::leave_origin(http::headers& request, const std::vector<std::string>& sensitive) {
    credentials_dropped_ = true;
    for (std::string_view name :
         {"Authorization", "Cookie", "Proxy-Authorization", "WWW-Authenticate", "Host"})
        request.remove(name);
    for (const auto& name : sensitive) request.remove(name);
}

} // namespace brio::inline v0::http::detail
