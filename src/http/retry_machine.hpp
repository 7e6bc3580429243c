// SPDX-License-Identifier: BSL-1.0
// Retrying: which failures, how often, after which pause, within which budget. Time and chance come from
// outside.
#pragma once

#include "http_date.hpp"
#include "redirect_machine.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string_view>

namespace brio::inline v0::http::detail {

struct retry_options {
    unsigned attempts = 0; // in all, the first one included; 0 and 1: no retry
    std::chrono::milliseconds base{500};
    std::chrono::milliseconds cap{30'000};
    std::chrono::seconds retry_after_cap{120};
    bool on_500 = false;     // also 500, besides 429, 502, 503 and 504
    bool any_method = false; // also methods that are not idempotent
};

/// The value of a Retry-After header, seconds or date, not below zero; nullopt when malformed.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, date_point now);

/// Whether a further attempt may heal a body that was cut off.
[[nodiscard]] bool is_passing(const std::exception_ptr& failure);

/// Keeps retries below a share of the requests of a session: each request deposits, each retry withdraws.
class retry_budget {
public:
    /// `percent` retries for each 100 requests, and `reserve` retries even when there were few.
    explicit retry_budget(unsigned percent = 20, unsigned reserve = 10) noexcept;
    void on_request() noexcept;
    /// False when the budget is used up.
    bool withdraw() noexcept;

private:
    std::int64_t balance_; // hundredths of a retry
    std::int64_t most_;
    unsigned percent_;
};

/// Decides for one call. `random` arguments are uniform numbers in [0, 1).
class retry_machine {
public:
    explicit retry_machine(const retry_options& options) noexcept : options_(options) {}

    /// It will never say anything.
    [[nodiscard]] bool is_off() const noexcept { return options_.attempts < 2; }

    /// After an answer: the pause before the next attempt, or nullopt to deliver the answer.
    std::optional<std::chrono::milliseconds> after_status(unsigned status, std::string_view method,
                                                          body_kind body,
                                                          std::optional<std::string_view> retry_after,
                                                          date_point now, double random);
    /// After a connect failure, when nothing of the request was sent.
    std::optional<std::chrono::milliseconds> after_connect_error(body_kind body, double random);

    /// Attempts counted so far, the first one included.
    [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }

private:
    std::chrono::milliseconds backoff(double random) const noexcept;

    retry_options options_;
    unsigned attempts_ = 1;
};

/// The one free retry for a kept-alive connection that turned out to be dead: only when it was reused, no
/// byte of a response had arrived, the method is idempotent or the server has certainly not seen the request (`unseen`),
/// the body can be sent again and it was not done before in this hop.
bool may_retry_stale(bool reused, bool got_response_byte, std::string_view method, bool unseen, body_kind body,
                     bool retried_before) noexcept;

} // namespace brio::inline v0::http::detail
