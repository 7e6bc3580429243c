// SPDX-License-Identifier: BSL-1.0
// The session against `openssl s_server`: certificates and protocols, good ones and others.
#include "interop.hpp"
#include "openssl_server.hpp"

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// The request must fail with that reason, and with a message that says so and what to do.
void expect_refused(const openssl_server& site, const std::string& authority, const std::string& reason, const std::string& advice) {
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().ca_file(authority));
        for (int i = 0; i < 2; ++i) { // a failure leaves nothing behind that would let the next one in
            const auto [error, took] = co_await failure_of<http::tls_error>(get(client, site.url()));
            BRIO_ASSERT_TRUE(error.has_value());
            const std::string_view text = error->what();
            EXPECT_EQ(error->reason(), reason) << text;
            EXPECT_TRUE(contains(text, reason)) << text;
            EXPECT_TRUE(contains(text, advice)) << text;
            EXPECT_TRUE(contains(text, "localhost")) << text;
            EXPECT_EQ(error->phase(), http::phase::tls);
            EXPECT_EQ(error->url(), site.url());
            EXPECT_LT(took, 10s);
            expect_connections(client, 0, 0);
        }
        co_await client.close();
    });
}

} // namespace

TEST(openssl_server, sessions_are_resumed) {
    const certificates of;
    for (const std::string version : {"1_2", "1_3"}) {
        const openssl_server site(of, of.good(), {"-tls" + version});
        const std::string spoken = version == "1_2" ? "TLSv1.2" : "TLSv1.3";
        in_real_time([&]() -> brio::awaitable<> {
            http::session client(http::session_options().ca_file(of.authority()));
            const http::response first = co_await client.get(site.url());
            EXPECT_EQ(first.status(), 200U);
            EXPECT_TRUE(contains(first.body(), "New, " + spoken)) << first.body();
            for (int i = 0; i < 3; ++i) {
                const http::response next = co_await client.get(site.url());
                EXPECT_TRUE(contains(next.body(), "Reused, " + spoken)) << next.body();
                EXPECT_TRUE(contains(next.body(), "</pre></BODY></HTML>")) << "whole: " << next.body();
            }
            expect_connections(client, 4, 0);
            // What one session knows is no use to another.
            http::session stranger(http::session_options().ca_file(of.authority()));
            const http::response other = co_await stranger.get(site.url());
            EXPECT_TRUE(contains(other.body(), "New, ")) << other.body();
            co_await stranger.close();
            co_await client.close();
        });
    }
}

TEST(openssl_server, an_expired_certificate) {
    const certificates of;
    expect_refused(openssl_server(of, of.expired()), of.authority(), "certificate has expired", "renew");
}

TEST(openssl_server, a_certificate_for_another_host) {
    const certificates of;
    expect_refused(openssl_server(of, of.wrong_host()), of.authority(), "hostname mismatch", "host name");
}

TEST(openssl_server, a_certificate_that_has_signed_itself) {
    const certificates of;
    const openssl_server site(of, of.self_signed());
    expect_refused(site, of.authority(), "self-signed certificate", "ca_file");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().extra_ca_file(of.self_signed()));
        const http::response answer = co_await client.get(site.url());
        EXPECT_EQ(answer.status(), 200U) << "the advice works";
        co_await client.close();
    });
}

TEST(openssl_server, a_certificate_of_an_unknown_authority) {
    const certificates of;
    const openssl_server site(of, of.foreign());
    expect_refused(site, of.authority(), "unable to get local issuer certificate", "ca_file");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().ca_file(of.authority()).extra_ca_file(of.other_authority()));
        const http::response answer = co_await client.get(site.url());
        EXPECT_EQ(answer.status(), 200U) << "the advice works";
        co_await client.close();
    });
}

TEST(openssl_server, a_version_that_is_too_old) {
    const certificates of;
    for (const std::string version : {"-tls1", "-tls1_1"}) {
        const openssl_server site(of, of.good(), {version, "-cipher", "ALL:@SECLEVEL=0"});
        expect_refused(site, of.authority(), "", "TLS 1.2");
    }
}

TEST(openssl_server, a_client_certificate_is_asked_for) {
    const certificates of;
    for (const std::string version : {"-tls1_2", "-tls1_3"}) {
        const openssl_server site(of, of.good(), {version, "-Verify", "1", "-verify_return_error", "-CAfile", of.authority()});
        in_real_time([&]() -> brio::awaitable<> {
            http::session without(http::session_options().ca_file(of.authority()));
            const auto [error, took] = co_await failure_of<http::error>(get(without, site.url()));
            BRIO_ASSERT_TRUE(error.has_value());
            EXPECT_TRUE(contains(error->what(), "client certificate")) << error->what();
            co_await without.close();
            http::session with(http::session_options().ca_file(of.authority()).client_certificate(of.good(), of.key()));
            const http::response answer = co_await with.get(site.url());
            EXPECT_EQ(answer.status(), 200U);
            co_await with.close();
        });
    }
}
