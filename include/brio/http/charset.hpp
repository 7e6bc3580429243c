// SPDX-License-Identifier: BSL-1.0
// Turning the bytes of a response into UTF-8 text.
#pragma once

#include <brio/core/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

/// Decodes `bytes` to UTF-8 by the WHATWG label of a charset; an empty label means UTF-8.
///
/// Built in: utf-8, windows-1252 with its aliases latin-1/iso-8859-1/us-ascii, utf-16 (little-endian unless
/// marked), utf-16le and utf-16be. A byte order mark wins over the label and is removed. Malformed input
/// becomes U+FFFD, as browsers do; this never fails. Returns nullopt for a label that is not built in.
[[nodiscard]] BRIO_API std::optional<std::string> decode_text(std::string_view bytes,
                                                              std::string_view label = {});

/// True when the bytes are well-formed UTF-8.
[[nodiscard]] BRIO_API bool is_utf8(std::string_view bytes) noexcept;

} // namespace brio::inline v0::http
