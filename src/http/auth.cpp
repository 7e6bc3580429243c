// SPDX-License-Identifier: BSL-1.0
// Making credentials, checked.
#include <brio/http/auth.hpp>

#include "http/base64.hpp"
#include "http/chars.hpp"
#include "http/credentials.hpp"

#include <brio/http/error.hpp>

namespace brio::inline v0::http {

namespace detail {

namespace {

void check(const std::string& text, const char* what) {
    if (!all(text, value_char)) throw invalid_request(std::string("a control character in the ") + what + " of an authentication");
}

} // namespace

std::string basic_header(const std::string& user, const std::string& password) {
    check(user, "user name");
    check(password, "password");
    if (user.find(':') != std::string::npos) {
        throw invalid_request("basic authentication has no way to send a user name with ':': '" + printable(user) + "'");
    }
    return "Basic " + base64(user + ":" + password);
}

} // namespace detail

auth auth::basic(std::string user, std::string password) {
    return auth(std::make_shared<detail::credentials>(detail::basic_header(user, password)));
}

auth auth::bearer(std::string token) {
    const std::string_view value = std::string_view(token).substr(0, token.find_last_not_of('=') + 1);
    for (const char c : value) {
        if (!detail::is(c, detail::alpha_char | detail::digit_char) && std::string_view("-._~+/").find(c) == std::string_view::npos) {
            throw invalid_request("a bearer token may hold letters, digits and -._~+/ and end in '=' only");
        }
    }
    if (value.empty()) throw invalid_request("a bearer token must not be empty");
    return auth(std::make_shared<detail::credentials>("Bearer " + token));
}

auth auth::digest(std::string user, std::string password) {
    detail::check(user, "user name");
    detail::check(password, "password");
    return auth(std::make_shared<detail::credentials>(detail::digest_machine(std::move(user), std::move(password))));
}

auth::auth(std::shared_ptr<detail::credentials> of) noexcept : credentials_(std::move(of)) {}
auth::auth(const auth&) noexcept = default;
auth::auth(auth&& other) noexcept : credentials_(other.credentials_) {}
auth& auth::operator=(const auth&) noexcept = default;
auth& auth::operator=(auth&& other) noexcept {
    credentials_ = other.credentials_;
    return *this;
}
auth::~auth() = default;

} // namespace brio::inline v0::http
