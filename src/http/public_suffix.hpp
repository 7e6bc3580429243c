// SPDX-License-Identifier: BSL-1.0
// Names under which anybody may register: no cookie may be set for all that is below them.
#pragma once

#include <string>

namespace brio::inline v0::http::detail {

/// `domain` in lower case, in its xn-- form. With libpsl: by the newer of the list compiled into it and the one
/// that the system keeps up to date. Without: every name of a single label.
bool is_public_suffix(const std::string& domain);

} // namespace brio::inline v0::http::detail
