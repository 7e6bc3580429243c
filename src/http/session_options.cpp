// SPDX-License-Identifier: BSL-1.0
// Setters of the session options.
#include <brio/http/session_options.hpp>

#include "http/chars.hpp"
#include "http/proxy_rules.hpp"
#include "http/rate_limiter.hpp"
#include "http/tunnel_machine.hpp"

#include <brio/http/error.hpp>
#include <brio/io/address.hpp>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace brio::inline v0::http {

session_options::session_options() = default;
session_options::session_options(const session_options&) = default;
session_options::session_options(session_options&&) noexcept = default;
session_options& session_options::operator=(const session_options&) = default;
session_options& session_options::operator=(session_options&&) noexcept = default;
session_options::~session_options() = default;

session_options& session_options::base_url(std::string url) {
    base_url_ = std::move(url);
    return *this;
}
session_options& session_options::header(std::string_view name, std::string_view value) {
    defaults_.header(name, value);
    return *this;
}
session_options& session_options::sensitive_header(std::string_view name, std::string_view value) {
    defaults_.sensitive_header(name, value);
    return *this;
}
session_options& session_options::user_agent(std::string text) {
    user_agent_ = std::move(text);
    return *this;
}
session_options& session_options::auth(http::auth credentials) {
    defaults_.auth(std::move(credentials));
    return *this;
}
session_options& session_options::netrc(std::string path) {
    netrc_ = std::move(path);
    return *this;
}
session_options& session_options::proxy(std::string_view url, std::string_view no_proxy) {
    const http::url given = detail::read_proxy(url);
    (void)detail::proxy_authorization(given); // now, not in some request
    proxies_ = std::make_shared<const detail::proxy_rules>(given, no_proxy);
    return *this;
}
session_options& session_options::proxy_from_environment() {
    const auto get = [](const char* name) -> const char* { return std::getenv(name); };
    proxies_ = std::make_shared<const detail::proxy_rules>(detail::proxy_rules::from_environment(get));
    return *this;
}
session_options& session_options::unix_socket(std::string path) {
    try {
        (void)address::unix_path(path);
    } catch (const std::invalid_argument& e) {
        throw invalid_request(e.what());
    }
    unix_socket_ = std::move(path);
    return *this;
}
session_options& session_options::transport(http::mock mock) {
    mock_ = std::move(mock);
    return *this;
}
session_options& session_options::before_send(http::before_send function) {
    before_send_.push_back(std::move(function));
    return *this;
}
session_options& session_options::middleware(http::middleware function) {
    middlewares_.push_back(std::move(function));
    return *this;
}
session_options& session_options::trace(http::tracer observer) {
    tracer_ = std::move(observer);
    return *this;
}
session_options& session_options::cookies(cookie_jar jar) {
    cookies_ = std::move(jar);
    no_cookies_ = false;
    return *this;
}
session_options& session_options::no_cookies() {
    cookies_.reset();
    no_cookies_ = true;
    return *this;
}
session_options& session_options::limit(std::size_t connections) {
    limit_ = std::max<std::size_t>(connections, 1);
    return *this;
}
session_options& session_options::limit_per_host(std::size_t connections) {
    limit_per_host_ = connections;
    return *this;
}
session_options& session_options::keep_alive(duration idle) {
    keep_alive_ = idle;
    return *this;
}
session_options& session_options::rate_limit(unsigned requests, duration period) {
    (void)detail::rate_limiter(requests, period); // checks them
    rate_ = requests;
    rate_period_ = period;
    return *this;
}
session_options& session_options::retry(retry_rules rules) {
    defaults_.retry(rules);
    return *this;
}
session_options& session_options::timeout(duration limit) {
    defaults_.timeout(limit);
    return *this;
}
session_options& session_options::connect_timeout(duration limit) {
    defaults_.connect_timeout(limit);
    return *this;
}
session_options& session_options::read_timeout(duration limit) {
    defaults_.read_timeout(limit);
    return *this;
}
session_options& session_options::min_rate(std::uint64_t bytes, duration span) {
    defaults_.min_rate(bytes, span);
    return *this;
}
session_options& session_options::redirects(unsigned most) {
    defaults_.redirects(most);
    return *this;
}
session_options& session_options::max_body(std::uint64_t bytes) {
    defaults_.max_body(bytes);
    return *this;
}
session_options& session_options::raise_for_status(bool on) {
    defaults_.raise_for_status(on);
    return *this;
}
session_options& session_options::ca_file(std::string path) {
    ca_file_ = std::move(path);
    return *this;
}
session_options& session_options::extra_ca_file(std::string path) {
    extra_ca_file_ = std::move(path);
    return *this;
}
session_options& session_options::client_certificate(std::string chain_file, std::string key_file) {
    certificate_file_ = std::move(chain_file);
    key_file_ = std::move(key_file);
    return *this;
}
session_options& session_options::tls(tls_context context) {
    tls_ = std::move(context);
    return *this;
}
session_options& session_options::pin(std::string sha256) {
    constexpr std::string_view prefix = "sha256//";
    if (sha256.starts_with(prefix)) sha256.erase(0, prefix.size());
    const bool is_base64 = sha256.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == 43;
    if (sha256.size() != 44 || !is_base64 || sha256.back() != '=') {
        throw invalid_request("a pin is the SHA-256 of a public key in Base64, 44 characters, not '" + detail::printable(sha256) + "'");
    }
    pins_.push_back(std::move(sha256));
    return *this;
}
session_options& session_options::local_address(std::string_view ip) {
    local_address_ = address::in_digits(ip, 0);
    if (!local_address_) throw invalid_request("'" + detail::printable(ip) + "' is no IP address");
    return *this;
}
session_options& session_options::verify(bool on) {
    verify_ = on;
    return *this;
}

} // namespace brio::inline v0::http
