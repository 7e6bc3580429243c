// SPDX-License-Identifier: BSL-1.0
// guess_type: the content type that a file's name tells.
#pragma once

#include <brio/core/config.hpp>

#include <string_view>

namespace brio::inline v0::http {

/// By the ending, in any case: `text/html; charset=utf-8` for `a.HTML`; `application/octet-stream` for endings that are not
/// known. Text counts as UTF-8. Built in, so that it is the same on every system. Python's `mimetypes.guess_type`.
[[nodiscard]] BRIO_API std::string_view guess_type(std::string_view path) noexcept;

}  // namespace brio::inline v0::http
