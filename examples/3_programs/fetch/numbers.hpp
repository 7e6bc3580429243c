// SPDX-License-Identifier: BSL-1.0
// Numbers as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace fetch {

/// 812 B, 12.3 KiB, 1.00 GiB
std::string show_bytes(std::uint64_t bytes);
/// 0.52 requests/s, 17012 requests/s
std::string show_rate(double per_second);
/// 1.24 s, 12.3 s, 240 s
std::string show_seconds(std::chrono::steady_clock::duration time);
/// 0.43 ms, 12.3 ms, 1240 ms
std::string show_milliseconds(std::chrono::steady_clock::duration time);
/// 4:05, 1:04:05
std::string show_clock(std::chrono::seconds time);

} // namespace fetch
