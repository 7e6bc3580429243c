// SPDX-License-Identifier: BSL-1.0
// reply_packing: whether a reply is compressed, and what its header fields say then. No I/O.
#pragma once

#include "http/server_access.hpp"

#include <brio/http/headers.hpp>

#include <cstddef>

namespace brio::inline v0::http::detail {

/// Whether the body of this reply, made for a request with these header fields, is to be compressed: one of at least `from`
/// bytes, or one that is made while it is sent. If so, the reply says that already; one that could have been for another
/// client gets its `Vary`.
[[nodiscard]] bool choose_packing(reply& made, const headers& request, std::size_t from);

}  // namespace brio::inline v0::http::detail
