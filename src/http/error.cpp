// SPDX-License-Identifier: BSL-1.0
// Texts and key functions of the HTTP exceptions.
#include <brio/http/error.hpp>
#include <brio/http/status.hpp>

namespace brio::inline v0::http {

struct error::context {
    std::string url;
    std::string what;
};

namespace {

std::string without_userinfo(std::string_view url) {
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto end = std::min(url.find_first_of("/?#", begin), url.size());
    const auto at = url.substr(begin, end - begin).rfind('@');
    if (at == std::string_view::npos) return std::string(url);
    return std::string(url.substr(0, begin)).append(url.substr(begin + at + 1));
}

std::string incomplete_text(phase where, std::uint64_t received, std::optional<std::uint64_t> expected) {
    if (where != phase::body) return "the connection was closed inside the response head";
    std::string text = "the connection was closed inside the response body after " + std::to_string(received);
    if (expected) text += " of " + std::to_string(*expected);
    return text + " bytes" + (expected ? "" : " (chunked, end not seen)");
}

std::string status_text(unsigned status) {
    std::string text = "the server answered " + std::to_string(status);
    const auto reason = reason_phrase(status);
    if (!reason.empty()) text.append(" ").append(reason);
    return text;
}

} // namespace

std::string_view to_string(phase p) noexcept {
    static constexpr std::string_view names[] = {"url",      "request", "pool",   "resolve", "connect",
                                                 "proxy",    "tls",     "write",  "headers", "body",
                                                 "redirect", "decode",  "status", "closed",  "total"};
    return names[static_cast<std::size_t>(p)];
}

error::error(http::phase where, const std::string& message) : brio::error(message), phase_(where) {}
error::~error() = default;

const char* error::what() const noexcept { return context_ ? context_->what.c_str() : brio::error::what(); }
std::string_view error::url() const noexcept {
    return context_ ? std::string_view(context_->url) : std::string_view();
}

void error::attach_url(std::string_view url) {
    if (context_ || url.empty()) return;
    auto made = std::make_shared<context>();
    made->url = without_userinfo(url);
    made->what = std::string(brio::error::what()) + " [" + made->url + "]";
    context_ = std::move(made);
}

invalid_url::~invalid_url() = default;
invalid_request::~invalid_request() = default;
connect_error::~connect_error() = default;
timeout::~timeout() = default;
connection_lost::~connection_lost() = default;
protocol_error::~protocol_error() = default;
decode_error::~decode_error() = default;
redirect_error::~redirect_error() = default;
too_many_redirects::~too_many_redirects() = default;
session_closed::~session_closed() = default;

tls_error::tls_error(const std::string& message, std::string reason)
    : error(http::phase::tls, message), reason_(std::make_shared<const std::string>(std::move(reason))) {}
tls_error::~tls_error() = default;

incomplete_body::incomplete_body(http::phase where, std::uint64_t received,
                                 std::optional<std::uint64_t> expected)
    : error(where, incomplete_text(where, received, expected)), received_(received), expected_(expected) {}
incomplete_body::~incomplete_body() = default;

body_too_large::body_too_large(std::uint64_t limit, std::uint64_t received, std::string_view knob)
    : error(http::phase::body, "the body exceeds the limit of " + std::to_string(limit) +
                                   " bytes (at least " + std::to_string(received) + " arrived); raise " +
                                   std::string(knob) + " or read it as a stream"),
      limit_(limit) {}
body_too_large::~body_too_large() = default;

status_error::status_error(unsigned status, std::string_view url, std::string_view body)
    : error(http::phase::status, status_text(status)),
      body_(std::make_shared<const std::string>(body.substr(0, 4096))), status_(status) {
    attach_url(url);
}
status_error::~status_error() = default;

} // namespace brio::inline v0::http
