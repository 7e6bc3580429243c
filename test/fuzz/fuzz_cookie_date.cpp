// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: a date that is read from Set-Cookie exists, and is the same when it is written and read again.
#include "http/cookie_date.hpp"
#include "http/http_date.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace brio::http::detail;

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto when = parse_cookie_date(text)) {
        const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(*when)};
        require(day.ok() && int(day.year()) >= 1601 && int(day.year()) <= 9999);
        const std::string written = format_http_date(*when);
        require(parse_cookie_date(written) == when);
        require(parse_http_date(written, *when) == when);
        require(parse_cookie_date(" ;," + std::string(text) + ", ") == when);
    }
    constexpr date_point now{std::chrono::seconds(1'800'000'000)};
    if (const auto when = parse_http_date(text, now)) require(parse_http_date(format_http_date(*when), now) == when);
    return 0;
}
