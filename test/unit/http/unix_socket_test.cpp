// SPDX-License-Identifier: BSL-1.0
// Sessions over Unix sockets.
#include "http/error_of.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <unistd.h>

namespace {

using namespace http_test;
namespace http = brio::http;

brio::awaitable<> answer_all(brio::stream client, std::vector<std::string>* heads) {
    for (;;) {
        std::string head;
        try {
            head = co_await client.read_until("\r\n\r\n");
        } catch (const brio::incomplete_read_error&) {
            co_return;
        }
        heads->push_back(head);
        co_await client.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    }
}

}  // namespace

BRIO_TEST_REAL_TIME(unix_socket, everything_goes_there) {
    const std::string path = "@brio-http-" + std::to_string(::getpid());
    std::vector<std::string> heads;
    auto serve = [&heads](brio::stream client) { return answer_all(std::move(client), &heads); };
    brio::server server = brio::start_unix_server(serve, path);
    http::session s(http::session_options().unix_socket(path).proxy("http://nowhere.invalid:1"));
    EXPECT_EQ((co_await s.get("http://docker/containers")).body(), "hi");
    EXPECT_EQ((co_await s.get("http://docker/images")).body(), "hi");
    EXPECT_TRUE(heads.at(0).starts_with("GET /containers HTTP/1.1\r\nHost: docker\r\n")) << heads.at(0);
    EXPECT_EQ(s.stats().created, 1u);
    co_await s.close();
    server.close();
    co_await server.wait_closed();
    http::session later(http::session_options().unix_socket(path));
    const auto refused = co_await error_of<http::connect_error>(later.get("http://docker/"));
    EXPECT_EQ(refused.phase(), http::phase::connect);
    EXPECT_TRUE(contains(text_of(refused), path)) << text_of(refused);
    EXPECT_THROW(http::session_options().unix_socket(std::string(200, 'x')), http::invalid_request);
    EXPECT_THROW(http::session_options().unix_socket(""), http::invalid_request);
}
