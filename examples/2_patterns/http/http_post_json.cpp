// SPDX-License-Identifier: BSL-1.0
// JSON there, and a header back.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <iostream>

namespace http = brio::http;

// [job]
brio::awaitable<> add_user(http::session& web, std::string name) {
    boost::json::object user;
    user["name"] = name;
    user["admin"] = true;
    http::response answer = co_await web.post("https://api.example.com/users", http::options().json(user).raise_for_status());
    std::cout << "made: " << answer.header("Location").value_or("nobody knows where") << "\n";
}
// [/job]

http::mock_reply api(const http::mock_request& request) {
    std::cout << request.method() << " " << request.header("Content-Type") << " " << request.body() << "\n";
    return http::mock_reply(201).header("Location", "/users/8");
}

brio::awaitable<> main_() {
    http::session web(http::session_options().transport(http::mock(api)));
    co_await add_user(web, "Ada");
    co_await web.close();
}

int main() { brio::run(main_()); }
