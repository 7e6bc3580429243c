// SPDX-License-Identifier: BSL-1.0
// The session against nginx: what plain_test.cpp and tls_test.cpp leave.
#include "interop.hpp"
#include "nginx.hpp"

#include <stdexcept>

namespace http = brio::http;
using namespace brio_test;

namespace {

const std::string secret = "open sesame";

} // namespace

TEST(nginx, connections_end_when_the_server_says_so) {
    nginx site;
    write_file(site.www() / "a", "bytes");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (std::uint64_t i = 1; i <= 7; ++i) {
            const http::response answer = co_await client.get(site.url() + "/three/a");
            EXPECT_EQ(answer.body(), "bytes") << i;
            EXPECT_EQ(answer.header("Connection"), i % 3 == 0 ? "close" : "keep-alive") << i;
            expect_connections(client, (i + 2) / 3, i % 3 == 0 ? 0 : 1);
        }
        co_await client.close();
    });
}

TEST(nginx, basic_authentication_and_ranges) {
    nginx site;
    const std::string all = noise(100'000);
    write_file(site.www() / "a", all);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const std::string url = site.url() + "/basic/a";
        const http::response stranger = co_await client.get(url);
        EXPECT_EQ(stranger.status(), 401U);
        const http::auth ada = http::auth::basic("ada", secret);
        const http::response whole = co_await client.get(url, http::options().auth(ada));
        expect_same_bytes(whole.body(), all);
        const http::response part = co_await client.get(url, http::options().auth(ada).header("Range", "bytes=10-19"));
        EXPECT_EQ(part.status(), 206U);
        expect_same_bytes(part.body(), all.substr(10, 10));
        const http::response beyond = co_await client.get(url, http::options().auth(ada).header("Range", "bytes=100000-"));
        EXPECT_EQ(beyond.status(), 416U);
        EXPECT_EQ(beyond.header("Content-Range"), "bytes */100000");
        const http::response known = co_await client.get(url, http::options().auth(ada).header("If-None-Match", *whole.header("ETag")));
        EXPECT_EQ(known.status(), 304U);
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(nginx, H_083_uploads_and_refusals) {
    nginx site;
    const std::string bytes = noise(7 << 20);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::options chunked;
        chunked.body(in_pieces(bytes, 100'000));
        const http::response first = co_await client.put(site.url() + "/store/new/chunked", std::move(chunked));
        EXPECT_EQ(first.status(), 201U);
        const http::response second = co_await client.put(site.url() + "/store/whole", http::options().body(bytes).expect_continue());
        EXPECT_EQ(second.status(), 201U);
        expect_connections(client, 1, 1);

        // Too large: refused by its length before it is asked for, or when too much has come.
        const std::string larger = noise(40 << 20);
        std::size_t begun = 0;
        http::options asked;
        asked.body(in_pieces(larger, 100'000, &begun), larger.size()).expect_continue();
        const http::response refused = co_await client.put(site.url() + "/store/large", std::move(asked));
        EXPECT_EQ(refused.status(), 413U);
        EXPECT_EQ(begun, 0U);
        expect_connections(client, 1, 0);
        http::options unasked;
        unasked.body(in_pieces(larger, 100'000, &begun));
        const http::response stopped = co_await client.put(site.url() + "/store/large", std::move(unasked));
        EXPECT_EQ(stopped.status(), 413U);
        EXPECT_LT(begun, 400U) << "not all was sent";
        expect_connections(client, 2, 0);
        co_await client.close();
    });
    expect_same_bytes(read_file(site.www() / "new/chunked"), bytes);
    expect_same_bytes(read_file(site.www() / "whole"), bytes);
    EXPECT_FALSE(std::filesystem::exists(site.www() / "large"));
}

TEST(server_program, one_that_is_missing_is_named) {
    try {
        program_path("no-such-server", "its-package");
        ADD_FAILURE() << "found";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("no-such-server"), std::string::npos) << e.what();
        EXPECT_NE(std::string(e.what()).find("its-package"), std::string::npos) << e.what();
    }
}

TEST(server_program, one_that_does_not_come_up_says_why) {
    std::uint16_t port = 0;
    try {
        start_on_free_ports({&port}, [] { return std::vector<std::string>{"/bin/sh", "-c", "echo the reason >&2"}; });
        ADD_FAILURE() << "up";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("the reason"), std::string::npos) << e.what();
    }
}
