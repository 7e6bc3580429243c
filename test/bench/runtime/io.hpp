// SPDX-License-Identifier: BSL-1.0
// The workloads with sockets.
#pragma once

#include "harness.hpp"

namespace bench {

void w14a(context& c);  ///< 64-byte round trips on one connection, both ends in the same loop.
void w14b(context& c);  ///< ... on 200 connections.
void w14c(context& c);  ///< `n` MiB one way in writes of 64 KiB.

}  // namespace bench
