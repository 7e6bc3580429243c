// SPDX-License-Identifier: BSL-1.0
// Trace events.
#include <brio/http/trace.hpp>

namespace brio::inline v0::http {

timings::timings() noexcept = default;

std::string_view to_string(trace_kind kind) noexcept {
    static constexpr std::string_view names[] = {"begin", "connected", "reused", "sent", "answered", "redirect", "retry", "end", "failed"};
    return names[static_cast<std::size_t>(kind)];
}

trace_event::trace_event(trace_kind kind, std::uint64_t call, std::string_view url, const http::timings& so_far) noexcept
    : kind_(kind), call_(call), url_(url), timings_(&so_far) {}

trace_event& trace_event::set_status(unsigned status) noexcept {
    status_ = status;
    return *this;
}
trace_event& trace_event::set_text(std::string_view text) noexcept {
    text_ = text;
    return *this;
}

} // namespace brio::inline v0::http
