// SPDX-License-Identifier: BSL-1.0
// The deadlines of one call, and the errors that tell which one passed.
#pragma once

#include "io/io_operation.hpp"

#include <brio/http/error.hpp>

#include <chrono>

namespace brio::inline v0::http::detail {

class call_limits {
public:
    using duration = std::chrono::steady_clock::duration;
    using time_point = std::chrono::steady_clock::time_point;

    /// Limits of 0 or less mean none.
    call_limits(time_point now, duration total, duration connect, duration read) noexcept;

    [[nodiscard]] time_point total() const noexcept { return total_; }
    [[nodiscard]] time_point connect_deadline(time_point now) const noexcept;
    /// `now` may be when this turn began, which may have been long before the call.
    [[nodiscard]] time_point io_deadline(time_point now) const noexcept;
    /// The longest that a peer may be silent; 0 or less: for ever.
    [[nodiscard]] duration longest_silence() const noexcept { return read_; }
    /// The rest is not counted: a stream's body.
    void drop_total() noexcept { total_ = brio::detail::no_deadline; }

    /// The same with an earlier end.
    [[nodiscard]] call_limits ending_by(time_point end) const noexcept {
        call_limits sooner = *this;
        sooner.total_ = total_ < end ? total_ : end;
        return sooner;
    }
    /// Throws the error for a step of `where` that ended with `ec` at `now`.
    [[noreturn]] void fail(const boost::system::error_code& ec, phase where, time_point now) const;

private:
    time_point began_;
    time_point total_;
    duration total_limit_;
    duration connect_;
    duration read_;
};

} // namespace brio::inline v0::http::detail
