// SPDX-License-Identifier: BSL-1.0
// access_record: what is known of a request when its answer has been sent.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/address.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace brio::inline v0::http {

/// One line of an access log. Views are valid during the call only.
struct access_record {
    explicit access_record(const address& from) noexcept : peer(from) {}

    std::string_view method;      ///< empty when no request could be read
    std::string_view target;      ///< path and query as sent
    int version = 11;             ///< 10 or 11
    unsigned status = 0;          ///< of the answer; 499: the client went before there was one
    std::uint64_t bytes_in = 0;   ///< of the request's body
    std::uint64_t bytes_out = 0;  ///< of the answer's body, as it went over the wire
    bool complete = true;         ///< false: the client went, or something failed, before everything was sent
    std::chrono::nanoseconds duration{};  ///< from the end of the head to the end of the answer
    const address& peer;                  ///< no IP for a client on a Unix socket
    std::string_view referer;
    std::string_view user_agent;
};

/// Called in the server's loop; must not wait. What it throws is logged.
using access_log = std::function<void(const access_record&)>;

/// The line that many servers write, with the duration behind it: `127.0.0.1 "GET /a HTTP/1.1" 200 12 "-" "curl/8" 0.4 ms`. What
/// the client has sent is escaped, so that it cannot forge lines.
[[nodiscard]] BRIO_API std::string to_string(const access_record& record);

/// Writes these lines to brio's log (`brio::log`), that is, to spdlog unless another sink was set.
BRIO_API void log_access(const access_record& record);

}  // namespace brio::inline v0::http
