// SPDX-License-Identifier: BSL-1.0
// The exceptions of the HTTP layer.
#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace {

using namespace brio::http;

TEST(error, carries_phase_and_url) {
    protocol_error e(phase::headers, "malformed");
    EXPECT_EQ(e.phase(), phase::headers);
    EXPECT_EQ(e.url(), "");
    EXPECT_STREQ(e.what(), "malformed");
    e.attach_url("http://user:canary@h/p@q?r@s");
    EXPECT_EQ(e.url(), "http://h/p@q?r@s");
    EXPECT_STREQ(e.what(), "malformed [http://h/p@q?r@s]");
    e.attach_url("http://other/");
    EXPECT_EQ(e.url(), "http://h/p@q?r@s");
    e.set_phase(phase::proxy);
    const error copy = e;
    EXPECT_EQ(copy.phase(), phase::proxy);
    EXPECT_STREQ(copy.what(), e.what());
    static_assert(std::is_nothrow_copy_constructible_v<status_error>);
}

TEST(error, is_caught_by_every_base) {
    try {
        throw too_many_redirects("too many");
    } catch (const brio::error& e) {
        EXPECT_NE(dynamic_cast<const redirect_error*>(&e), nullptr);
        EXPECT_NE(dynamic_cast<const error*>(&e), nullptr);
        EXPECT_NE(dynamic_cast<const std::exception*>(&e), nullptr);
    }
}

TEST(error, texts) {
    EXPECT_STREQ(incomplete_body(phase::body, 4, 5).what(),
                 "the connection was closed inside the response body after 4 of 5 bytes");
    EXPECT_EQ(incomplete_body(phase::headers, 0, std::nullopt).expected(), std::nullopt);
    const body_too_large large(100, 150, "options.max_body");
    EXPECT_NE(std::string(large.what()).find("raise options.max_body"), std::string::npos);
    const status_error status(404, "http://u:p@h/", std::string(5000, 'x'));
    EXPECT_EQ(status.status(), 404u);
    EXPECT_EQ(status.body().size(), 4096u);
    EXPECT_STREQ(status.what(), "the server answered 404 Not Found [http://h/]");
    EXPECT_EQ(tls_error("handshake failed", "certificate has expired").reason(), "certificate has expired");
    EXPECT_EQ(to_string(phase::total), "total");
    EXPECT_EQ(to_string(phase::url), "url");
    EXPECT_EQ(to_string(phase::closed), "closed");
}

} // namespace
