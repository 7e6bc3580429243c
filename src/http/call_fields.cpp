// SPDX-License-Identifier: BSL-1.0
// The header fields of a call: the caller's, the session's, credentials and cookies, hop by hop.
#include "http/call.hpp"

#include "http/chars.hpp"
#include "http/gzip_encoder.hpp"
#include "http/gzip_source.hpp"
#include "http/options_access.hpp"
#include "http/request_writer.hpp"

#include <brio/compose/wait_for.hpp>
#include <brio/core/error.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http/percent.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {

using access = options_access;

constexpr std::size_t packed_at_once = 64 * 1024; // what takes longer goes piece by piece

// Whether one of the first `count` fields has that name.
bool is_among(const headers& fields, std::size_t count, std::string_view name) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        if (iequals(fields[i].name, name)) return true;
    }
    return false;
}

// Several Cookie headers as the one that a request may have.
std::string join_cookies(const headers& fields) {
    std::string all;
    for (const std::string_view one : fields.get_all("Cookie")) {
        if (!all.empty()) all += "; ";
        all += one;
    }
    return all;
}

// A cookie of that name stands in the text of a Cookie header.
bool has_cookie(std::string_view text, std::string_view name) noexcept {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        if (trim(pair.substr(0, pair.find('='))) == name && pair.find('=') != pair.npos) return true;
    }
    return false;
}

}  // namespace

// Those who sign requests sign each of them anew.
awaitable<> call::prepare() {
    add_credentials();
    prepared_ = fields_;
    std::optional<std::string_view> body;
    if (body_ && hops_.send_body()) body = *body_;
    prepared_request request(hops_.method(), hops_.target(), body, *prepared_);
    for (const auto& function : access::before_send(core_->defaults)) co_await function(request);
}

awaitable<> call::prepare_in_time() {
    if (limits_.total() == brio::detail::no_deadline) {
        co_await prepare();
        co_return;
    }
    const auto now = [] { return brio::detail::scheduler::current()->now(); };
    try {
        co_await wait_for(prepare(), limits_.total() - now());
        co_return;
    } catch (const timeout_error&) {
        if (now() < limits_.total()) throw;  // a function's own
    }
    limits_.fail(boost::asio::error::timed_out, phase::request, now());
}

// The credentials of the call: its own, the URL's or the session's.
void call::take_auth(const options& opts, const http::url& target) {
    auth_ = access::auth(opts);
    own_authorization_ = fields_.contains("Authorization");
    if (auth_ && (own_authorization_ || target.has_userinfo())) {
        throw invalid_request("credentials are given twice: options.auth() and an Authorization header or a user name in the URL");
    }
    if (target.has_userinfo()) {
        if (own_authorization_) throw invalid_request("both an Authorization header and a user name in the URL are given");
        auth_ = std::make_shared<credentials>(basic_header(target.user(), target.password()));
    }
    const bool for_all = !core_->base || core_->base->origin() == target.origin();
    if (!auth_ && !own_authorization_ && for_all) auth_ = access::auth(access::defaults(core_->defaults));
}

void call::take_fields(options& opts, const http::url& target) {
    const options& shared = access::defaults(core_->defaults);
    fields_ = std::move(access::fields(opts));
    bound_to_origin_ = access::sensitive(opts);
    bound_to_origin_.insert(bound_to_origin_.end(), access::sensitive(shared).begin(), access::sensitive(shared).end());
    const bool is_known = access::auth(opts) != nullptr; // the call's own credentials replace a header of the session
    if (is_known) take_auth(opts, target);
    if (!core_->base || core_->base->origin() == target.origin()) {
        const std::size_t own = fields_.size();
        for (const header_field field : access::fields(shared)) {
            if (is_among(fields_, own, field.name) || (is_known && iequals(field.name, "Authorization"))) continue;
            fields_.add(field.name, field.value);
            if (core_->base) bound_to_origin_.emplace_back(field.name);
        }
    }
    for (const std::string_view name : {"User-Agent", "Accept", "Accept-Encoding"}) {
        const auto given = fields_.get(name);
        if (!given || !given->empty()) continue;
        automatic_ &= ~automatic_header_bit(name);
        fields_.remove(name);
    }
    if (!is_known) take_auth(opts, target);
    if (fields_.contains("Cookie")) {
        own_cookies_ = join_cookies(fields_);
        fields_.set("Cookie", own_cookies_);
    }
    body_ = std::move(access::body(opts));
    std::string type = access::content_type(opts);
    if (const auto& factory = access::source(opts)) {
        source_ = factory->make();
        type = factory->content_type();
    }
    if (!access::form(opts).empty()) {
        if (body_ || source_) throw invalid_request("both form fields and a body are given");
        body_ = form_encode(access::form(opts));
        type = "application/x-www-form-urlencoded";
    }
    if (!type.empty() && !fields_.contains("Content-Type")) fields_.add("Content-Type", type);
    if (access::compress(opts, shared) && (body_ || source_)) compress_body();
    expects_ = access::expect_continue(opts, shared) || iequals(fields_.get("Expect").value_or(""), "100-continue");
    if (fields_.contains("Accept-Encoding") && !access::decode_is_set(opts)) decode_ = false;
}

void call::compress_body() {
    if (fields_.contains("Content-Encoding")) throw invalid_request("both options.compress() and a header Content-Encoding are given");
    fields_.add("Content-Encoding", "gzip");
    if (body_ && body_->size() <= packed_at_once) {
        gzip_encoder packer;
        std::string packed = packer.add(*body_);
        packed += packer.finish();
        body_ = std::move(packed);
        return;
    }
    if (body_) {
        std::vector<body_segment> whole(1);
        whole.front().text.swap(*body_);
        body_.reset();
        source_ = segments_body(std::move(whole), std::string())->make();
    }
    source_ = gzip_source(std::move(source_));
}

// Credentials are for the origin they were given for; those of a netrc file for the host of the hop.
void call::add_credentials() {
    if (hops_.credentials_dropped()) {
        auth_ = nullptr;
        own_authorization_ = false;
    }
    std::string value;
    if (auth_) {
        value = auth_->header(hops_.target().origin(), hops_.method(), hops_.target().target());
    } else if (own_authorization_ || !core_->logins) {
        return;
    } else if (const login* known = core_->logins->find(hops_.target().host()); known && !hops_.downgraded()) {
        value = basic_header(known->user, known->password);
    }
    if (value.empty()) {
        fields_.remove("Authorization");
    } else {
        fields_.set("Authorization", value);
    }
}

// The answer asks who we are, and there is something to reply.
bool call::is_challenge(unsigned status, const headers& answer) {
    digest_machine* const digest = auth_ ? auth_->digest() : nullptr;
    if (!digest) return false;
    const std::string_view origin = hops_.target().origin();
    if (const auto info = answer.get("Authentication-Info")) digest->informed(origin, *info);
    if (status != 401 || (hops_.send_body() && kind_of_body() == body_kind::one_shot)) return false;
    return digest->challenged(origin, answer.get_joined("WWW-Authenticate"), challenges_answered_);
}

void call::take_cookies(const headers& answer) {
    if (core_->cookies) core_->cookies->store(hops_.target(), answer);
}

// The caller's own cookies stay with the first origin; the jar decides anew for each hop.
void call::add_cookies() {
    if (hops_.credentials_dropped()) own_cookies_.clear();
    if (!core_->cookies) return;
    std::string all = own_cookies_;
    const std::string kept = core_->cookies->header_for(hops_.target());
    for (std::string_view rest = kept; !rest.empty();) {
        const std::string_view pair = rest.substr(0, rest.find("; "));
        rest.remove_prefix(std::min(pair.size() + 2, rest.size()));
        if (has_cookie(own_cookies_, pair.substr(0, pair.find('=')))) continue;
        if (!all.empty()) all += "; ";
        all += pair;
    }
    if (all.empty()) {
        fields_.remove("Cookie");
    } else {
        fields_.set("Cookie", all);
    }
}

}  // namespace brio::inline v0::http::detail
