// SPDX-License-Identifier: BSL-1.0
// Redirects: methods, credentials, limits.
#include "http/redirect_machine.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using detail::body_kind;
using detail::redirect_machine;

headers full_request() {
    return {{"Authorization", "Basic x"},
            {"Cookie", "a=b"},
            {"Proxy-Authorization", "y"},
            {"X-Token", "secret"},
            {"Accept", "text/html"},
            {"Host", "own"},
            {"Content-Type", "text/x"},
            {"Content-Encoding", "gzip"},
            {"Content-Language", "de"},
            {"Content-Location", "/"},
            {"Digest", "z"},
            {"Expect", "100-continue"},
            {"Content-Length", "3"},
            {"Transfer-Encoding", "chunked"}};
}

TEST(redirect_machine, methods_follow_the_fetch_standard) {
    struct row {
        unsigned status;
        const char *before, *after;
    };
    for (const auto& [status, before, after] :
         {row{301, "POST", "GET"}, row{302, "POST", "GET"}, row{303, "POST", "GET"}, row{307, "POST", "POST"},
          row{308, "POST", "POST"}, row{301, "PUT", "PUT"}, row{302, "DELETE", "DELETE"},
          row{303, "PUT", "GET"}, row{303, "DELETE", "GET"}, row{303, "HEAD", "HEAD"},
          row{301, "HEAD", "HEAD"}, row{302, "GET", "GET"}, row{303, "GET", "GET"},
          row{303, "PROPFIND", "GET"}, row{308, "PATCH", "PATCH"}}) {
        redirect_machine m(url("http://a/"), before);
        auto request = full_request();
        ASSERT_TRUE(m.follow(status, "/x", request, body_kind::replayable));
        EXPECT_EQ(m.method(), after) << status << before;
        const bool switched = std::string(before) != after;
        EXPECT_EQ(m.send_body(), !switched);
        for (const char* name : {"Content-Length", "Transfer-Encoding", "Content-Type", "Content-Encoding",
                                 "Content-Language", "Content-Location", "Digest", "Expect"})
            EXPECT_EQ(request.contains(name), !switched) << status << before << name;
        EXPECT_TRUE(request.contains("Authorization"));
    }
}

TEST(redirect_machine, knows_that_the_chain_was_encrypted_before) {
    redirect_machine m(url("https://a/"), "GET", {10, true});
    headers request;
    EXPECT_FALSE(m.downgraded());
    ASSERT_TRUE(m.follow(302, "https://b/", request, body_kind::none));
    EXPECT_FALSE(m.downgraded());
    ASSERT_TRUE(m.follow(302, "http://b/", request, body_kind::none));
    EXPECT_TRUE(m.downgraded());
    ASSERT_TRUE(m.follow(302, "http://c/", request, body_kind::none));
    EXPECT_TRUE(m.downgraded());
    ASSERT_TRUE(m.follow(302, "https://c/", request, body_kind::none));
    EXPECT_FALSE(m.downgraded());
}

TEST(redirect_machine, H_069_too_many) {
    redirect_machine m(url("http://a/0"), "GET");
    headers request;
    for (int i = 1; i <= 10; ++i)
        ASSERT_TRUE(m.follow(302, "/" + std::to_string(i), request, body_kind::none));
    EXPECT_EQ(m.history().size(), 10u);
    try {
        m.follow(302, "/11", request, body_kind::none);
        FAIL();
    } catch (const too_many_redirects& e) {
        EXPECT_EQ(e.url(), "http://a/10");
        EXPECT_NE(std::string(e.what()).find("http://a/3"), std::string::npos);
    }
    EXPECT_EQ(m.history().front().from.str(), "http://a/0");
    EXPECT_EQ(m.history().front().location, "/1");
    EXPECT_EQ(m.history().front().status, 302u);

    redirect_machine loop(url("http://a/"), "GET", {2, false});
    ASSERT_TRUE(loop.follow(301, "/", request, body_kind::none));
    ASSERT_TRUE(loop.follow(301, "http://a/", request, body_kind::none));
    EXPECT_THROW(loop.follow(301, "/", request, body_kind::none), too_many_redirects);
    redirect_machine off(url("http://a/"), "GET", {0, false});
    EXPECT_FALSE(off.follow(301, "/", request, body_kind::none));
}

TEST(redirect_machine, H_070_H_073_credentials_stay_in_their_origin) {
    struct row {
        const char *from, *location;
        bool kept;
    };
    for (const auto& [from, location, kept] :
         {row{"http://a.example/", "/x", true}, row{"http://a.example/", "http://a.example/x", true},
          row{"http://a.example/", "http://A.EXAMPLE.:80/x", true},
          row{"http://a.example/", "http://b.example/", false},
          row{"http://a.example/", "http://sub.a.example/", false},
          row{"http://sub.a.example/", "http://a.example/", false},
          row{"http://a.example/", "http://a.example:81/", false},
          row{"http://a.example/", "https://a.example/", false},
          row{"http://a.example:443/", "https://a.example/", false},
          row{"http://a.example/", "//b.example/", false},
          row{"http://a.example/", "http://a.example@b.example/", false}}) {
        redirect_machine m(url(from), "GET");
        auto request = full_request();
        ASSERT_TRUE(m.follow(302, location, request, body_kind::none, {"x-token"}));
        for (const char* name : {"Authorization", "Cookie", "Proxy-Authorization", "X-Token", "Host"})
            EXPECT_EQ(request.contains(name), kept) << from << " " << location << " " << name;
        EXPECT_TRUE(request.contains("Accept"));
        EXPECT_EQ(m.credentials_dropped(), !kept);
    }
    redirect_machine down(url("https://a/"), "GET", {10, true});
    auto request = full_request();
    ASSERT_TRUE(down.follow(302, "http://a/", request, body_kind::none));
    EXPECT_FALSE(request.contains("Authorization"));
}

TEST(redirect_machine, H_070_dropped_credentials_never_come_back) {
    redirect_machine m(url("http://user:pw@a/"), "GET");
    auto request = full_request();
    ASSERT_TRUE(m.follow(302, "http://b/", request, body_kind::none));
    ASSERT_TRUE(m.follow(302, "http://a/", request, body_kind::none));
    EXPECT_FALSE(request.contains("Authorization"));
    EXPECT_TRUE(m.credentials_dropped());
    EXPECT_FALSE(m.target().has_userinfo());
}

TEST(redirect_machine, H_073_userinfo_in_location_is_ignored) {
    redirect_machine m(url("http://a/"), "GET");
    headers request;
    ASSERT_TRUE(m.follow(302, "http://evil:pw@a/x", request, body_kind::none));
    EXPECT_FALSE(m.target().has_userinfo());
    EXPECT_EQ(m.target().str(), "http://a/x");
}

TEST(redirect_machine, H_076_one_shot_bodies) {
    for (const unsigned status : {307u, 308u, 301u}) {
        redirect_machine m(url("http://a/"), "PUT");
        headers request{{"Content-Type", "x"}};
        try {
            m.follow(status, "/x", request, body_kind::one_shot);
            FAIL();
        } catch (const redirect_error& e) {
            EXPECT_NE(std::string(e.what()).find("streamed body"), std::string::npos);
        }
        EXPECT_EQ(m.target().str(), "http://a/");
        EXPECT_TRUE(request.contains("Content-Type"));
    }
    redirect_machine m(url("http://a/"), "PUT");
    headers request{{"Content-Type", "x"}};
    ASSERT_TRUE(m.follow(303, "/x", request, body_kind::one_shot));
    EXPECT_EQ(m.method(), "GET");
    EXPECT_FALSE(m.send_body());
    ASSERT_TRUE(m.follow(307, "/y", request, body_kind::one_shot)); // no body is left to repeat
}

TEST(redirect_machine, H_077_what_is_never_followed) {
    redirect_machine m(url("http://a/"), "GET");
    headers request;
    for (const unsigned status : {200u, 201u, 300u, 304u, 305u, 306u, 399u, 404u})
        EXPECT_FALSE(m.follow(status, "/x", request, body_kind::none)) << status;
    EXPECT_FALSE(m.follow(302, std::nullopt, request, body_kind::none));
    EXPECT_TRUE(m.history().empty());
}

TEST(redirect_machine, refused_targets) {
    headers request;
    for (const char* bad : {"ftp://a/", "file:///etc/passwd", "javascript:alert(1)", "ws://a/", "data:,x",
                            "http://", "http://a b/", "https:///x"}) {
        redirect_machine m(url("http://a/"), "GET");
        EXPECT_THROW(m.follow(302, bad, request, body_kind::none), error) << bad;
    }
    redirect_machine secure(url("https://a/"), "GET");
    EXPECT_THROW(secure.follow(302, "http://a/", request, body_kind::none), redirect_error);
    EXPECT_EQ(secure.target().str(), "https://a/");
}

TEST(redirect_machine, fragments_are_inherited) {
    redirect_machine m(url("http://a/x#here"), "GET");
    headers request;
    ASSERT_TRUE(m.follow(302, "/y", request, body_kind::none));
    EXPECT_EQ(m.target().str(), "http://a/y#here");
    ASSERT_TRUE(m.follow(302, "/z#there", request, body_kind::none));
    EXPECT_EQ(m.target().str(), "http://a/z#there");
}

} // namespace
