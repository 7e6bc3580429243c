// SPDX-License-Identifier: BSL-1.0
// A JSON document, within five seconds or not at all.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <boost/json/value.hpp>

#include <iostream>

namespace http = brio::http;
using namespace std::chrono_literals;

// [job]
brio::awaitable<> show_user(http::session& web, int id) {
    http::response answer = co_await web.get("https://api.example.com/users/" + std::to_string(id), http::options().timeout(5s));
    answer.raise_for_status();
    std::cout << answer.json().at("name").as_string() << "\n";
}
// [/job]

http::mock_reply api(const http::mock_request& request) {
    if (request.path() != "/users/7") return http::mock_reply(404);
    return http::mock_reply(200, R"({"id": 7, "name": "Ada"})").header("Content-Type", "application/json");
}

brio::awaitable<> main_() {
    http::session web(http::session_options().transport(http::mock(api)));
    co_await show_user(web, 7);
    try {
        co_await show_user(web, 8);
    } catch (const http::status_error& e) {
        std::cout << e.what() << "\n";
    }
    co_await web.close();
}

int main() { brio::run(main_()); }
