// SPDX-License-Identifier: BSL-1.0
// Request methods: the check and the case rule.
#pragma once

#include <brio/core/config.hpp>

#include <string>
#include <string_view>

namespace brio::inline v0::http {

/// Checks a request method and returns it as it will be sent. GET, HEAD, POST, PUT, DELETE and OPTIONS are
/// put into upper case, as fetch does; every other token stays as written, because methods are
/// case-sensitive. Throws `invalid_request` unless it is a token of 1 to 64 bytes.
[[nodiscard]] BRIO_API std::string normalize_method(std::string_view method);

/// True for GET, HEAD, OPTIONS, TRACE, PUT and DELETE: sending such a request twice does what sending it once
/// does.
[[nodiscard]] BRIO_API bool is_idempotent(std::string_view method) noexcept;

} // namespace brio::inline v0::http
