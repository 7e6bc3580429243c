// SPDX-License-Identifier: BSL-1.0
// The inside of `options` and `session_options`, for the session.
#pragma once

#include "http/pace_guard.hpp"
#include "http/retry_machine.hpp"

#include <brio/http/options.hpp>
#include <brio/http/session_options.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http {

struct options_access {
    static options& defaults(session_options& o) { return o.defaults_; }
    static const options& defaults(const session_options& o) { return o.defaults_; }
    static const std::string& base_url(const session_options& o) { return o.base_url_; }
    static const std::string& user_agent(const session_options& o) { return o.user_agent_; }
    static const std::shared_ptr<const detail::proxy_rules>& proxies(const session_options& o) { return o.proxies_; }
    static std::optional<cookie_jar> cookies(const session_options& o) {
        if (o.no_cookies_) return std::nullopt;
        return o.cookies_ ? *o.cookies_ : cookie_jar();
    }
    static std::size_t limit(const session_options& o) { return o.limit_; }
    static std::size_t limit_per_host(const session_options& o) { return o.limit_per_host_; }
    static options::duration keep_alive(const session_options& o) { return o.keep_alive_; }
    static const std::string& ca_file(const session_options& o) { return o.ca_file_; }
    static const std::string& extra_ca_file(const session_options& o) { return o.extra_ca_file_; }
    static const std::string& certificate_file(const session_options& o) { return o.certificate_file_; }
    static const std::string& key_file(const session_options& o) { return o.key_file_; }
    static bool verify(const session_options& o) { return o.verify_; }

    static headers& fields(options& o) { return o.headers_; }
    static const headers& fields(const options& o) { return o.headers_; }
    static std::shared_ptr<detail::credentials> auth(const options& o) {
        return o.auth_ ? o.auth_->credentials_ : nullptr;
    }
    static const std::optional<std::string>& netrc(const session_options& o) { return o.netrc_; }
    static const std::shared_ptr<detail::mock_state>& mocked(const session_options& o) {
        static const std::shared_ptr<detail::mock_state> none;
        return o.mock_ ? o.mock_->state_ : none;
    }
    static const http::tracer& tracer(const session_options& o) { return o.tracer_; }
    static const std::vector<http::middleware>& middlewares(const session_options& o) { return o.middlewares_; }
    static const std::vector<http::before_send>& before_send(const session_options& o) { return o.before_send_; }
    static const std::string& unix_socket(const session_options& o) { return o.unix_socket_; }
    static const std::vector<std::string>& sensitive(const options& o) { return o.sensitive_; }
    static detail::pace_guard pace(const options& own, const options& shared) {
        const auto& rate = own.min_rate_ ? own.min_rate_ : shared.min_rate_;
        return rate ? detail::pace_guard(rate->first, rate->second) : detail::pace_guard();
    }
    static const std::string& server_name(const options& o) { return o.server_name_; }
    static bool allow_truncated(const options& own, const options& shared) {
        return value(&options::allow_truncated_, own, shared, false);
    }
    static const std::optional<address>& local_address(const session_options& o) { return o.local_address_; }
    static const std::vector<std::string>& pins(const session_options& o) { return o.pins_; }
    static const std::optional<tls_context>& tls(const session_options& o) { return o.tls_; }
    static bool compress(const options& own, const options& shared) { return value(&options::compress_, own, shared, false); }
    static bool expect_continue(const options& own, const options& shared) {
        return value(&options::expect_continue_, own, shared, false);
    }
    static const name_values& query(const options& o) { return o.query_; }
    static const name_values& form(const options& o) { return o.form_; }
    static const std::shared_ptr<detail::body_factory>& source(const options& o) { return o.source_; }
    static std::optional<std::string>& body(options& o) { return o.body_; }
    static const std::string& content_type(const options& o) { return o.content_type_; }
    /// What the request says, else what the session says, else `otherwise`.
    template <class T>
    static T value(std::optional<T> options::*member, const options& own, const options& shared,
                   T otherwise) {
        if (own.*member) return *(own.*member);
        if (shared.*member) return *(shared.*member);
        return otherwise;
    }
    static options::duration timeout(const options& own, const options& shared) {
        return value(&options::timeout_, own, shared, options::duration(std::chrono::seconds(300)));
    }
    static options::duration connect_timeout(const options& own, const options& shared) {
        return value(&options::connect_timeout_, own, shared, options::duration(std::chrono::seconds(10)));
    }
    static options::duration read_timeout(const options& own, const options& shared) {
        return value(&options::read_timeout_, own, shared, options::duration(std::chrono::seconds(60)));
    }
    static unsigned redirects(const options& own, const options& shared) {
        return value(&options::redirects_, own, shared, 10U);
    }
    static bool allow_downgrade(const options& own, const options& shared) {
        return value(&options::allow_downgrade_, own, shared, false);
    }
    static std::uint64_t max_body(const options& own, const options& shared) {
        return value(&options::max_body_, own, shared, std::uint64_t{128} * 1024 * 1024);
    }
    static bool decode(const options& own, const options& shared) {
        return value(&options::decode_, own, shared, true);
    }
    static detail::retry_options retry(const options& own, const options& shared) {
        const std::optional<retry_rules>& rules = own.retry_ ? own.retry_ : shared.retry_;
        detail::retry_options out;
        if (!rules) return out;
        out.attempts = rules->attempts_;
        out.base = rules->first_;
        out.cap = rules->longest_;
        out.retry_after_cap = rules->longest_retry_after_;
        out.on_500 = rules->also_500_;
        out.any_method = rules->any_method_;
        return out;
    }
    static unsigned rate(const session_options& o) { return o.rate_; }
    static options::duration rate_period(const session_options& o) { return o.rate_period_; }
    static bool decode_is_set(const options& own) { return own.decode_.has_value(); }
    static bool raise(const options& own, const options& shared) {
        return value(&options::raise_, own, shared, false);
    }
};

} // namespace brio::inline v0::http
