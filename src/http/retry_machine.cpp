// SPDX-License-Identifier: BSL-1.0
// Retry decisions.
#include "retry_machine.hpp"

#include "chars.hpp"

#include <brio/detail/backoff.hpp>
#include <brio/http/error.hpp>
#include <brio/http/method.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::optional<seconds> parse_retry_after(std::string_view value, date_point now) {
    value = trim(value);
    if (all(value, digit_char) && !value.empty()) {
        constexpr std::uint64_t most = 365 * 86400;
        return seconds(static_cast<std::int64_t>(std::min(parse_decimal(value).value_or(most), most)));
    }
    const auto when = parse_http_date(value, now);
    if (!when) return std::nullopt;
    return std::max(*when - now, seconds(0));
}

bool is_passing(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const connect_error&) {
    } catch (const connection_lost&) {
    } catch (const incomplete_body&) {
    } catch (const timeout& e) {
        return e.phase() != phase::total;
    } catch (...) {
        return false;
    }
    return true;
}

retry_budget::retry_budget(unsigned percent, unsigned reserve) noexcept
    : balance_(std::int64_t{reserve} * 100), most_(std::int64_t{reserve} * 100 + 10'000), percent_(percent) {}

void retry_budget::on_request() noexcept { balance_ = std::min(balance_ + percent_, most_); }

bool retry_budget::withdraw() noexcept {
    if (balance_ < 100) return false;
    balance_ -= 100;
    return true;
}

std::optional<milliseconds> retry_machine::after_status(unsigned status, std::string_view method,
                                                        body_kind body,
                                                        std::optional<std::string_view> retry_after,
                                                        date_point now, double random) {
    const bool retryable = status == 429 || status == 502 || status == 503 || status == 504 ||
                           (status == 500 && options_.on_500);
    if (!retryable || attempts_ >= options_.attempts || body == body_kind::one_shot) return std::nullopt;
    if (!options_.any_method && !is_idempotent(method)) return std::nullopt;
    auto pause = backoff(random);
    if (retry_after) {
        if (const auto asked = parse_retry_after(*retry_after, now)) {
            if (*asked > options_.retry_after_cap)
                return std::nullopt; // sooner than asked would be rude, later useless
            pause = std::max<milliseconds>(pause, *asked);
        }
    }
    ++attempts_;
    return pause;
}

std::optional<milliseconds> retry_machine::after_connect_error(body_kind body, double random) {
    if (attempts_ >= options_.attempts || body == body_kind::one_shot) return std::nullopt;
    const auto pause = backoff(random);
    ++attempts_;
    return pause;
}

milliseconds retry_machine::backoff(double random) const noexcept {
    return std::chrono::duration_cast<milliseconds>(
        brio::detail::backoff(attempts_, options_.base, 2, options_.cap, 1, random)); // full jitter
}

bool may_retry_stale(bool reused, bool got_response_byte, std::string_view method, bool unseen, body_kind body,
                     bool retried_before) noexcept {
    return reused && !got_response_byte && !retried_before && body != body_kind::one_shot &&
           (unseen || is_idempotent(method));
}

} // namespace brio::inline v0::http::detail
