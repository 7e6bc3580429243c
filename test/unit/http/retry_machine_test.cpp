// SPDX-License-Identifier: BSL-1.0
// Retry decisions and the server's hints about time.
#include "http/keep_alive.hpp"
#include "http/retry_machine.hpp"

#include <gtest/gtest.h>

namespace {

using namespace brio::http;
using namespace std::chrono_literals;
using detail::body_kind;
using detail::retry_machine;
using detail::retry_options;

const detail::date_point now = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min + 37s;

retry_options three() {
    retry_options o;
    o.attempts = 3;
    return o;
}

TEST(retry_machine, off_by_default) {
    retry_machine m({});
    EXPECT_FALSE(m.after_status(503, "GET", body_kind::none, {}, now, 0.5));
    EXPECT_FALSE(m.after_connect_error(body_kind::none, 0.5));
}

TEST(retry_machine, statuses_and_methods) {
    for (const unsigned status : {429u, 502u, 503u, 504u})
        EXPECT_TRUE(retry_machine(three()).after_status(status, "GET", body_kind::none, {}, now, 0.5))
            << status;
    for (const unsigned status : {200u, 400u, 404u, 408u, 500u, 501u, 505u})
        EXPECT_FALSE(retry_machine(three()).after_status(status, "GET", body_kind::none, {}, now, 0.5))
            << status;
    for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
        EXPECT_TRUE(retry_machine(three()).after_status(503, method, body_kind::replayable, {}, now, 0.5))
            << method;
    for (const char* method : {"POST", "PATCH", "get", "CONNECT"})
        EXPECT_FALSE(retry_machine(three()).after_status(503, method, body_kind::replayable, {}, now, 0.5))
            << method;
    EXPECT_FALSE(retry_machine(three()).after_status(503, "PUT", body_kind::one_shot, {}, now, 0.5));
    auto wider = three();
    wider.on_500 = wider.any_method = true;
    EXPECT_TRUE(retry_machine(wider).after_status(500, "POST", body_kind::none, {}, now, 0.5));
}

TEST(retry_machine, attempts_and_full_jitter) {
    auto options = three();
    options.attempts = 10;
    retry_machine low(options), high(options);
    std::chrono::milliseconds most = 500ms;
    for (int i = 1; i < 10; ++i) {
        EXPECT_EQ(low.after_status(503, "GET", body_kind::none, {}, now, 0.0), 0ms);
        EXPECT_EQ(high.after_status(503, "GET", body_kind::none, {}, now, 1.0), most) << i;
        most = std::min(most * 2, std::chrono::milliseconds(30s));
    }
    EXPECT_EQ(high.attempts(), 10u);
    EXPECT_FALSE(high.after_status(503, "GET", body_kind::none, {}, now, 0.5));
    EXPECT_FALSE(high.after_connect_error(body_kind::none, 0.5));
}

TEST(retry_machine, retry_after) {
    const auto pause = [](const char* header) {
        return retry_machine(three()).after_status(503, "GET", body_kind::none, header, now, 0.0);
    };
    EXPECT_EQ(pause("7"), 7s);
    EXPECT_EQ(pause("0"), 0s);
    EXPECT_EQ(pause(" 120 "), 120s);
    EXPECT_FALSE(pause("121"));
    EXPECT_FALSE(pause("99999999999999999999999999"));
    EXPECT_EQ(pause("Sun, 06 Nov 1994 08:50:07 GMT"), 30s);
    EXPECT_EQ(pause("Sunday, 06-Nov-94 08:50:07 GMT"), 30s);
    EXPECT_EQ(pause("Sun Nov  6 08:50:07 1994"), 30s);
    EXPECT_EQ(pause("Sun, 06 Nov 1994 08:00:00 GMT"), 0s); // in the past
    for (const char* odd : {"-5", "1.5", "soon", "", "5s", "0x5"}) EXPECT_EQ(pause(odd), 0s) << odd;
    EXPECT_EQ(retry_machine(three()).after_status(503, "GET", body_kind::none, "1", now, 1.0), 1s);
    EXPECT_EQ(retry_machine(three()).after_status(503, "GET", body_kind::none, "0", now, 1.0), 500ms);
}

TEST(retry_machine, budget_is_a_share_of_the_requests) {
    detail::retry_budget budget(20, 3);
    int granted = 0;
    while (budget.withdraw()) ++granted;
    EXPECT_EQ(granted, 3);
    for (int i = 0; i < 50; ++i) budget.on_request();
    granted = 0;
    while (budget.withdraw()) ++granted;
    EXPECT_EQ(granted, 10);
}

TEST(retry_machine, H_080_H_081_stale_connections) {
    EXPECT_TRUE(detail::may_retry_stale(true, false, "GET", false, body_kind::none, false));
    EXPECT_TRUE(detail::may_retry_stale(true, false, "PUT", false, body_kind::replayable, false));
    EXPECT_FALSE(detail::may_retry_stale(false, false, "GET", false, body_kind::none, false));
    EXPECT_FALSE(detail::may_retry_stale(true, true, "GET", false, body_kind::none, false));
    EXPECT_FALSE(detail::may_retry_stale(true, false, "POST", false, body_kind::replayable, false));
    EXPECT_FALSE(detail::may_retry_stale(true, false, "PUT", false, body_kind::one_shot, false));
    EXPECT_FALSE(detail::may_retry_stale(true, false, "GET", false, body_kind::none, true));
    EXPECT_TRUE(detail::may_retry_stale(true, false, "POST", true, body_kind::replayable, false)) << "the server has not seen it";
    EXPECT_FALSE(detail::may_retry_stale(false, false, "POST", true, body_kind::replayable, false));
    EXPECT_FALSE(detail::may_retry_stale(true, false, "POST", true, body_kind::one_shot, false));
    EXPECT_FALSE(detail::may_retry_stale(true, false, "POST", true, body_kind::replayable, true));
}

TEST(keep_alive, H_087_server_hints) {
    struct row {
        const char* hint;
        std::chrono::seconds idle;
    };
    for (const auto& [hint, idle] :
         {row{"timeout=5", 4s}, row{"timeout=5, max=100", 4s}, row{"max=100, TIMEOUT = 30", 29s},
          row{"timeout=1", 0s}, row{"timeout=0", 0s}, row{"timeout=-1", 15s},
          row{"timeout=99999999999", 600s}, row{"timeout=99999999999999999999999", 15s}, row{"max=0", 0s},
          row{"", 15s}, row{"timeout", 15s}, row{"timeout=x", 15s}, row{"x=1", 15s}})
        EXPECT_EQ(detail::idle_lifetime(hint, 15s), idle) << hint;
    EXPECT_EQ(detail::idle_lifetime(std::nullopt, 15s), 15s);
}

} // namespace
