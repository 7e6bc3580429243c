// SPDX-License-Identifier: BSL-1.0
// Methods and status phrases.
#include <brio/http/error.hpp>
#include <brio/http/method.hpp>
#include <brio/http/status.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using namespace std::string_literals;

TEST(method, H_001_H_002_check) {
    for (const std::string& bad : {""s, "GE T"s, "G\0ET"s, "GET:"s, "GET / HTTP/1.1\r\nX: y"s, "GET\n"s,
                                   "G\xc3\x84T"s, std::string(65, 'A')})
        EXPECT_THROW((void)normalize_method(bad), invalid_request) << testing::PrintToString(bad);
    for (const std::string& good : {"PURGE"s, "x!#$%&'*+-.^_`|~9"s, std::string(64, 'A')})
        EXPECT_EQ(normalize_method(good), good);
}

TEST(method, only_the_six_fetch_names_change_case) {
    for (const char* name : {"get", "Post", "heaD", "put", "delete", "options"}) {
        std::string upper = name;
        for (char& c : upper) c = static_cast<char>(c & ~0x20);
        EXPECT_EQ(normalize_method(name), upper);
    }
    for (const char* name : {"patch", "Trace", "connect", "propfind"})
        EXPECT_EQ(normalize_method(name), name);
}

TEST(method, idempotent) {
    EXPECT_TRUE(is_idempotent("GET"));
    EXPECT_TRUE(is_idempotent("DELETE"));
    EXPECT_FALSE(is_idempotent("POST"));
    EXPECT_FALSE(is_idempotent("get"));
}

TEST(status, phrases) {
    EXPECT_EQ(reason_phrase(200), "OK");
    EXPECT_EQ(reason_phrase(404), "Not Found");
    EXPECT_EQ(reason_phrase(599), "");
}

} // namespace
