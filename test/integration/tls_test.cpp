// SPDX-License-Identifier: BSL-1.0
// Certificates: who is refused, and why; resumed sessions.
#include "nginx.hpp"
#include "real_time.hpp"

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

// The request must fail with that reason, and the error must name the URL.
brio::awaitable<> expect_refused(std::filesystem::path authority, std::string url, std::string reason) {
    http::session client(http::session_options().ca_file(authority));
    const auto [error, took] = co_await failure_of<http::tls_error>(get(client, url + "/hop/0"));
    BRIO_ASSERT_TRUE(error.has_value());
    EXPECT_NE(error->reason().find(reason), std::string::npos) << error->reason();
    EXPECT_NE(std::string(error->what()).find(reason), std::string::npos) << error->what();
    EXPECT_EQ(error->phase(), http::phase::tls);
    EXPECT_EQ(error->url(), url + "/hop/0");
    EXPECT_EQ(client.stats().open, 0U);
    co_await client.close();
}

} // namespace

TEST(tls, a_good_certificate) {
    const certificates of;
    nginx site(of);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().ca_file(of.authority()));
        const http::response answer = co_await client.get(site.tls_url() + "/hop/0");
        EXPECT_EQ(answer.body(), "arrived");
        EXPECT_EQ(answer.header("X-Protocol"), "TLSv1.3");
        co_await client.close();
    });
}

TEST(tls, an_unknown_authority_is_refused) {
    const certificates of;
    nginx site(of);
    in_real_time(
        [&] { return expect_refused(of.authority(), site.foreign_url(), "unable to get local issuer"); });
    in_real_time(
        [&] { return expect_refused(of.other_authority(), site.tls_url(), "unable to get local issuer"); });
}

TEST(tls, an_authority_given_in_addition) {
    const certificates of;
    nginx site(of);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(
            http::session_options().ca_file(of.authority()).extra_ca_file(of.other_authority()));
        const http::response ours = co_await client.get(site.tls_url() + "/hop/0");
        const http::response theirs = co_await client.get(site.foreign_url() + "/hop/0");
        EXPECT_EQ(ours.status(), 200U);
        EXPECT_EQ(theirs.status(), 200U);
        co_await client.close();
    });
}

TEST(tls, the_store_of_the_system_does_not_know_us) {
    const certificates of;
    nginx site(of);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const auto [error, took] =
            co_await failure_of<http::tls_error>(get(client, site.tls_url() + "/hop/0"));
        EXPECT_TRUE(error.has_value());
        co_await client.close();
    });
}

TEST(tls, another_host_name_is_refused) {
    const certificates of;
    nginx site(of);
    in_real_time([&] { return expect_refused(of.authority(), site.wrong_host_url(), "mismatch"); });
}

TEST(tls, an_expired_certificate_is_refused) {
    const certificates of;
    nginx site(of);
    in_real_time(
        [&] { return expect_refused(of.authority(), site.expired_url(), "certificate has expired"); });
}

TEST(tls, everything_is_accepted_without_verification) {
    const certificates of;
    nginx site(of);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().verify(false));
        for (const std::string& url : {site.expired_url(), site.wrong_host_url(), site.foreign_url()}) {
            const http::response answer = co_await client.get(url + "/hop/0");
            EXPECT_EQ(answer.status(), 200U);
        }
        co_await client.close();
    });
}

TEST(tls, sessions_are_resumed) {
    const certificates of;
    nginx site(of);
    in_real_time([&]() -> brio::awaitable<> {
        // Each request on a connection of its own.
        http::session client(http::session_options().ca_file(of.authority()).keep_alive(0s));
        const http::response first = co_await client.get(site.tls_url() + "/hop/0");
        EXPECT_EQ(first.header("X-Resumed"), ".");
        for (int i = 0; i < 3; ++i) {
            const http::response next = co_await client.get(site.tls_url() + "/hop/0");
            EXPECT_EQ(next.header("X-Resumed"), "r") << i;
        }
        EXPECT_EQ(client.stats().created, 4U);
        co_await client.close();
    });
}

TEST(tls, a_ca_file_that_is_none) {
    temp_folder folder;
    write_file(folder / "empty.pem", "");
    EXPECT_THROW(http::session(http::session_options().ca_file(folder / "missing.pem")), http::tls_error);
    EXPECT_THROW(http::session(http::session_options().ca_file(folder / "empty.pem")), http::tls_error);
}
