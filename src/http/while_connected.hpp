// SPDX-License-Identifier: BSL-1.0
// while_connected: work for a client, as long as that is there.
#pragma once

#include "http/server_link.hpp"

#include <brio/core/awaitable.hpp>

namespace brio::inline v0::http::detail {

/// Awaits `work`, which must not read from the link. When the client ends its side meanwhile, `work` is cancelled, and when it
/// has ended, client_gone is thrown. What comes from the client meanwhile is kept, up to 64 KiB; whoever sends more is watched
/// no longer.
awaitable<> while_connected(server_link& link, awaitable<> work);

}  // namespace brio::inline v0::http::detail
