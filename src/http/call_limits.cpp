// SPDX-License-Identifier: BSL-1.0
// Deadlines and their errors.
#include "http/call_limits.hpp"

#include "io/tls_remedy.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <string>

namespace brio::inline v0::http::detail {

namespace {

using time_point = call_limits::time_point;
using duration = call_limits::duration;

time_point after(time_point now, duration limit) noexcept {
    if (limit <= duration::zero() || limit > std::chrono::hours(24 * 3650)) return brio::detail::no_deadline;
    return now + limit;
}

std::string seconds(duration limit) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
    std::string text = std::to_string(ms / 1000);
    if (ms % 1000) {
        std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += "." + fraction;
    }
    return text + " s";
}

} // namespace

call_limits::call_limits(time_point now, duration total, duration connect, duration read) noexcept
    : began_(now), total_(after(now, total)), total_limit_(total), connect_(connect), read_(read) {}

time_point call_limits::connect_deadline(time_point now) const noexcept {
    return std::min(total_, after(now, connect_));
}
time_point call_limits::io_deadline(time_point now) const noexcept {
    return std::min(total_, after(std::max(now, began_), read_));
}

void call_limits::fail(const boost::system::error_code& ec, phase where, time_point now) const {
    if (ec == boost::asio::error::timed_out) {
        if (now >= total_) {
            throw timeout(phase::total,
                          "the request took longer than its timeout of " + seconds(total_limit_) +
                              " (while: " + std::string(to_string(where)) + "); raise options.timeout");
        }
        const bool connecting = where == phase::resolve || where == phase::connect || where == phase::tls ||
                                where == phase::proxy;
        const std::string limit =
            connecting ? "connect_timeout of " + seconds(connect_) : "read_timeout of " + seconds(read_);
        throw timeout(where,
                      "no progress within the " + limit + " (while: " + std::string(to_string(where)) + ")");
    }
    throw connection_lost(where, "the connection broke (while: " + std::string(to_string(where)) +
                                     "): " + ec.message() + std::string(brio::detail::remedy_for_handshake(ec)));
}

} // namespace brio::inline v0::http::detail
