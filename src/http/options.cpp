// SPDX-License-Identifier: BSL-1.0
// Setters of the request options.
#include <brio/http/options.hpp>

#include "http/body_source.hpp"
#include "http/chars.hpp"
#include "http/set_cookie.hpp"

#include <brio/http/error.hpp>
#include <brio/http/url.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace brio::inline v0::http {

options::options() = default;
options::options(const options&) = default;
options::options(options&&) noexcept = default;
options& options::operator=(const options&) = default;
options& options::operator=(options&&) noexcept = default;
options::~options() = default;

options& options::header(std::string_view name, std::string_view value) {
    headers_.add(name, value);
    return *this;
}

options& options::sensitive_header(std::string_view name, std::string_view value) {
    header(name, value);
    sensitive_.emplace_back(name);
    return *this;
}

options& options::cookie(std::string_view name, std::string_view value) {
    if (name.empty() || !detail::is_cookie_name(name) || !detail::is_cookie_value(value)) {
        throw invalid_request("the cookie '" + detail::printable(name) +
                              "' cannot be sent: a name may hold neither '=' nor ';', a value no ';', and neither of them control characters");
    }
    headers_.add("Cookie", std::string(name).append("=").append(value)); // the call joins them
    return *this;
}

options& options::auth(http::auth credentials) {
    auth_ = std::move(credentials);
    return *this;
}

options& options::query(std::string name, std::string value) {
    query_.emplace_back(std::move(name), std::move(value));
    return *this;
}

options& options::body(std::string bytes) {
    body_ = std::move(bytes);
    content_type_.clear();
    source_.reset();
    return *this;
}

options& options::text(std::string utf8) {
    body(std::move(utf8));
    content_type_ = "text/plain; charset=utf-8";
    return *this;
}

options& options::json(const boost::json::value& value) {
    body(boost::json::serialize(value));
    content_type_ = "application/json";
    return *this;
}

options& options::body(multipart form) {
    body_.reset();
    source_ = form.factory();
    return *this;
}

options& options::body(generator<std::string> pieces, std::optional<std::uint64_t> size) {
    body_.reset();
    source_ = detail::generator_body(std::move(pieces), size);
    return *this;
}

options& options::body_file(std::string path, std::string content_type) {
    body_.reset();
    std::vector<detail::body_segment> segments;
    segments.push_back({std::move(path), true});
    source_ = detail::segments_body(std::move(segments), std::move(content_type));
    return *this;
}

options& options::form(std::string name, std::string value) {
    form_.emplace_back(std::move(name), std::move(value));
    return *this;
}

options& options::compress(bool on) {
    compress_ = on;
    return *this;
}
options& options::expect_continue(bool on) {
    expect_continue_ = on;
    return *this;
}
options& options::timeout(duration limit) {
    timeout_ = limit;
    return *this;
}
options& options::connect_timeout(duration limit) {
    connect_timeout_ = limit;
    return *this;
}
options& options::read_timeout(duration limit) {
    read_timeout_ = limit;
    return *this;
}
options& options::min_rate(std::uint64_t bytes, duration span) {
    if (bytes > 0 && span <= duration::zero()) throw invalid_request("a rate needs a span of time above zero");
    min_rate_.emplace(bytes, span);
    return *this;
}
options& options::server_name(std::string name) {
    if (name.find_first_of("/\\?#@:[]") != name.npos) throw invalid_request("'" + detail::printable(name) + "' is no host name");
    try {
        server_name_ = http::url("https://" + name + "/").host(); // in the spelling of URLs
    } catch (const invalid_url&) {
        throw invalid_request("'" + detail::printable(name) + "' is no host name");
    }
    return *this;
}
options& options::allow_truncated(bool on) {
    allow_truncated_ = on;
    return *this;
}
options& options::redirects(unsigned most) {
    redirects_ = most;
    return *this;
}
options& options::allow_downgrade(bool on) {
    allow_downgrade_ = on;
    return *this;
}
options& options::max_body(std::uint64_t bytes) {
    max_body_ = bytes;
    return *this;
}
options& options::decode(bool on) {
    decode_ = on;
    return *this;
}
options& options::retry(retry_rules rules) {
    retry_ = rules;
    return *this;
}
options& options::raise_for_status(bool on) {
    raise_ = on;
    return *this;
}

} // namespace brio::inline v0::http
