// SPDX-License-Identifier: BSL-1.0
// Which failures are worth another attempt, and after which pause.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fetch {

/// The server answered, and the status says no.
struct bad_status : std::runtime_error {
    bad_status(unsigned status, std::string_view reason, std::optional<std::chrono::seconds> wait);

    unsigned status;
    std::optional<std::chrono::seconds> retry_after; // what the server asks for
};

/// The value of a Retry-After header, seconds or date; none when it is neither.
std::optional<std::chrono::seconds> parse_retry_after(const std::string& value);

/// The pause before the next attempt after `attempts` of them; none when another one makes no sense.
/// Exponential, 0.5 s to 30 s, with full jitter, so that many clients do not come back at the same moment;
/// never earlier than the server asks for, and none when that is more than two minutes.
std::optional<std::chrono::milliseconds> pause_after(const std::exception_ptr& error, unsigned attempts);

} // namespace fetch
