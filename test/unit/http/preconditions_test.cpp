// SPDX-License-Identifier: BSL-1.0
// Conditional requests.
#include "http/preconditions.hpp"

#include <gtest/gtest.h>

namespace {

using namespace brio::http;
using namespace brio::http::detail;

const date_point now = *parse_http_date("Fri, 27 Nov 2026 10:00:00 GMT", date_point());
const validators current{"\"v2\"", *parse_http_date("Thu, 26 Nov 2026 10:00:00 GMT", now)};
constexpr const char* same = "Thu, 26 Nov 2026 10:00:00 GMT";
constexpr const char* before = "Thu, 26 Nov 2026 09:59:59 GMT";
constexpr const char* after = "Thu, 26 Nov 2026 10:00:01 GMT";

int status(const headers& request) {
    switch (check_preconditions(request, current, now)) {
        case precondition::not_modified: return 304;
        case precondition::failed: return 412;
        case precondition::proceed: break;
    }
    return 200;
}

TEST(preconditions, without_any) { EXPECT_EQ(status({}), 200); }

TEST(preconditions, if_none_match) {
    for (const char* match : {"\"v2\"", "W/\"v2\"", "*", " * ", "\"v1\", \"v2\"", "\"a,b\",\"v2\""}) {
        EXPECT_EQ(status({{"If-None-Match", match}}), 304) << match;
    }
    for (const char* other : {"\"v1\"", "v2", "\"V2\"", "", "\"v2", "\"v1\", \"v3\""}) EXPECT_EQ(status({{"If-None-Match", other}}), 200) << other;
    EXPECT_EQ(status({{"If-None-Match", "\"v1\""}, {"If-None-Match", "\"v2\""}}), 304) << "two lines are one list";
}

TEST(preconditions, if_modified_since) {
    EXPECT_EQ(status({{"If-Modified-Since", same}}), 304);
    EXPECT_EQ(status({{"If-Modified-Since", after}}), 304);
    EXPECT_EQ(status({{"If-Modified-Since", before}}), 200);
    EXPECT_EQ(status({{"If-Modified-Since", "yesterday"}}), 200);
    EXPECT_EQ(status({{"If-None-Match", "\"v1\""}, {"If-Modified-Since", same}}), 200) << "the tag wins";
}

TEST(preconditions, if_match_and_if_unmodified_since) {
    EXPECT_EQ(status({{"If-Match", "\"v2\""}}), 200);
    EXPECT_EQ(status({{"If-Match", "*"}}), 200);
    EXPECT_EQ(status({{"If-Match", "W/\"v2\""}}), 412) << "compared strongly";
    EXPECT_EQ(status({{"If-Match", "\"v1\""}}), 412);
    EXPECT_EQ(status({{"If-Unmodified-Since", before}}), 412);
    EXPECT_EQ(status({{"If-Unmodified-Since", same}}), 200);
    EXPECT_EQ(status({{"If-Unmodified-Since", "never"}}), 200);
    EXPECT_EQ(status({{"If-Match", "\"v2\""}, {"If-Unmodified-Since", before}}), 200) << "the tag wins";
    EXPECT_EQ(status({{"If-Match", "\"v2\""}, {"If-None-Match", "\"v2\""}}), 304);
}

TEST(preconditions, if_range) {
    EXPECT_TRUE(range_applies({}, current, now));
    EXPECT_TRUE(range_applies({{"If-Range", "\"v2\""}}, current, now));
    EXPECT_FALSE(range_applies({{"If-Range", "\"v1\""}}, current, now));
    EXPECT_FALSE(range_applies({{"If-Range", "W/\"v2\""}}, current, now));
    EXPECT_TRUE(range_applies({{"If-Range", same}}, current, now));
    EXPECT_FALSE(range_applies({{"If-Range", before}}, current, now));
    EXPECT_FALSE(range_applies({{"If-Range", after}}, current, now)) << "exactly this date";
    EXPECT_FALSE(range_applies({{"If-Range", "x"}}, current, now));
    const validators weak{"W/\"v2\"", current.modified};
    EXPECT_FALSE(range_applies({{"If-Range", "W/\"v2\""}}, weak, now));
}

}  // namespace
