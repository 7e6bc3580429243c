// SPDX-License-Identifier: BSL-1.0
// A tour of the HTTP session against a server in the same program.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <iostream>

namespace http = brio::http;
using namespace std::chrono_literals;

// [tour]
brio::awaitable<> tour(std::string server) {
    http::session web(http::session_options().base_url(server + "/").limit(50).read_timeout(20s));

    http::response hello = co_await web.get("hello", http::options().query("name", "Ada").timeout(5s));
    std::cout << hello.status() << " " << hello.text() << "\n";

    http::response made = co_await web.post("users", http::options().json(boost::json::parse(R"({"name": "Ada"})")));
    made.raise_for_status();
    std::cout << made.json().at("name") << "\n";

    http::streaming_response big = co_await web.stream("GET", "big");
    std::size_t size = 0;
    while (auto chunk = co_await big.next_chunk()) size += chunk->size();
    std::cout << size << " bytes\n";

    try {
        co_await web.get("missing", http::options().raise_for_status());
    } catch (const http::status_error& e) {
        std::cout << e.what() << "\n";
    }
    co_await web.close();
}
// [/tour]

brio::awaitable<http::reply> hello(http::server_request request) {
    co_return http::reply::text("hello, " + std::string(request.query()));
}
brio::awaitable<http::reply> create_user(http::server_request request) { co_return http::reply(201, request.body()); }
brio::awaitable<http::reply> big_page(http::server_request) { co_return http::reply(200, std::string(1000000, 'x')); }

brio::awaitable<> main_() {
    http::server server;
    server.route("GET", "/hello", hello).route("POST", "/users", create_user).route("GET", "/big", big_page);
    server.listen();
    co_await tour(server.url());
    co_await server.close();
}

int main() { brio::run(main_()); }
