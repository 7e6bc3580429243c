// SPDX-License-Identifier: BSL-1.0
// The session against Python's http.server.
#include "interop.hpp"
#include "pages.hpp"
#include "python_server.hpp"

namespace http = brio::http;
using namespace brio_test;

namespace {

brio::awaitable<> read_everything(http::session& client, const python_server& site, const std::string& large) {
    for (std::size_t i = 0; i < 20; ++i) {
        const http::response answer = co_await client.get(site.url() + "/" + std::to_string(i) + ".txt");
        EXPECT_EQ(answer.status(), 200U);
        EXPECT_EQ(answer.body(), page(i)) << i;
    }
    const http::response whole = co_await client.get(site.url() + "/large");
    expect_same_bytes(whole.body(), large);
    const http::response head = co_await client.head(site.url() + "/large");
    EXPECT_EQ(head.header("Content-Length"), std::to_string(large.size()));
    EXPECT_EQ(head.body(), "");
}

} // namespace

TEST(python, http_1_0_has_a_connection_for_each_request) {
    const python_server site("HTTP/1.0");
    write_pages(site.www(), 20);
    const std::string large = noise(3 << 20);
    write_file(site.www() / "large", large);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        co_await read_everything(client, site, large);
        expect_connections(client, 22, 0);
        co_await client.close();
    });
}

TEST(python, http_1_1_keeps_its_connection) {
    const python_server site("HTTP/1.1");
    write_pages(site.www(), 20);
    const std::string large = noise(3 << 20);
    write_file(site.www() / "large", large);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        co_await read_everything(client, site, large);
        expect_connections(client, 1, 1);
        const http::response known = co_await client.get(site.url() + "/large");
        const http::response same =
            co_await client.get(site.url() + "/large", http::options().header("If-Modified-Since", *known.header("Last-Modified")));
        EXPECT_EQ(same.status(), 304U);
        EXPECT_EQ(same.body(), "");
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(python, folders_errors_and_methods) {
    const python_server site("HTTP/1.1");
    write_file(site.www() / "folder/a & b.txt", "in a folder");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const http::response folder = co_await client.get(site.url() + "/folder");
        EXPECT_EQ(folder.url().str(), site.url() + "/folder/");
        EXPECT_EQ(folder.history().size(), 1U);
        EXPECT_NE(folder.text().find("a &amp; b.txt"), std::string::npos) << folder.text();
        const http::response file = co_await client.get(site.url() + "/folder/a%20&%20b.txt");
        EXPECT_EQ(file.body(), "in a folder");
        expect_connections(client, 1, 1);
        const http::response missing = co_await client.get(site.url() + "/missing");
        EXPECT_EQ(missing.status(), 404U);
        expect_connections(client, 1, 0);
        // It answers 501 without reading the body, and closes.
        const http::response refused = co_await client.post(site.url() + "/folder", http::options().body(noise(5 << 20)));
        EXPECT_EQ(refused.status(), 501U);
        expect_connections(client, 2, 0);
        const auto [error, took] =
            co_await failure_of<http::status_error>(get(client, site.url() + "/missing", http::options().raise_for_status()));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_EQ(error->status(), 404U);
        co_await client.close();
    });
}
