// SPDX-License-Identifier: BSL-1.0
// What a session tells an observer about its requests.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/timings.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace brio::inline v0::http {

enum class trace_kind : std::uint8_t {
    begin,     ///< a call begins; text(): its method
    connected, ///< a connection was opened; timings(): pool, resolve, connect, proxy, tls
    reused,    ///< ... or is used again; timings(): pool
    sent,      ///< the request is out; timings(): send
    answered,  ///< the head of an answer is there; status(), timings(): wait
    redirect,  ///< it is followed; status(), text(): where it points
    retry,     ///< the request is to be sent again; status(), 0 when no connection could be made. By `options.retry`; other repetitions show as a further `sent`
    end,       ///< the call is over: the body is there, or, of a stream, the head; status(), timings()
    failed,    ///< the call is over, without `end`; text(): the error
};

/// The enumerator's name.
[[nodiscard]] BRIO_API std::string_view to_string(trace_kind kind) noexcept;

/// Something that happened to a call. It and its views are valid while the observer runs. No password is in it.
class BRIO_API trace_event {
public:
    trace_event(trace_kind kind, std::uint64_t call, std::string_view url, const timings& so_far) noexcept;

    [[nodiscard]] trace_kind kind() const noexcept { return kind_; }
    /// Which call of the session, counted from 1.
    [[nodiscard]] std::uint64_t call() const noexcept { return call_; }
    /// Of the hop.
    [[nodiscard]] std::string_view url() const noexcept { return url_; }
    /// 0: none.
    [[nodiscard]] unsigned status() const noexcept { return status_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// As far as they are known.
    [[nodiscard]] const http::timings& timings() const noexcept { return *timings_; }

    // For brio itself.
    trace_event& set_status(unsigned status) noexcept;
    trace_event& set_text(std::string_view text) noexcept;

private:
    trace_kind kind_;
    unsigned status_ = 0;
    std::uint64_t call_;
    std::string_view url_;
    std::string_view text_;
    const http::timings* timings_;
};

/// Called in the loop, between the steps of a request: it must be quick, and may not throw.
using tracer = std::function<void(const trace_event&)>;

} // namespace brio::inline v0::http
