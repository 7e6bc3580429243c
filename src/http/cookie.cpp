// SPDX-License-Identifier: BSL-1.0
// The members of a cookie that the compiler writes.
#include <brio/http/cookie.hpp>

#include <utility>

namespace brio::inline v0::http {

cookie::cookie(std::string cookie_name, std::string cookie_value)
    : name(std::move(cookie_name)), value(std::move(cookie_value)) {}
cookie::cookie(const cookie&) = default;
cookie::cookie(cookie&&) noexcept = default;
cookie& cookie::operator=(const cookie&) = default;
cookie& cookie::operator=(cookie&&) noexcept = default;
cookie::~cookie() = default;

} // namespace brio::inline v0::http
