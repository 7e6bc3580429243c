// SPDX-License-Identifier: BSL-1.0
// Base64, for Basic authentication.
#pragma once

#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace brio::inline v0::http::detail
