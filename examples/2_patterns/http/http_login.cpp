// SPDX-License-Identifier: BSL-1.0
// A form that logs in; the session keeps the cookie.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <iostream>

namespace http = brio::http;

// [job]
brio::awaitable<> show_orders(http::session& web, std::string password) {
    http::options form;
    form.form("user", "ada").form("password", password).raise_for_status();
    co_await web.post("https://shop.example/login", form);
    http::response orders = co_await web.get("https://shop.example/orders");
    std::cout << orders.text() << "\n";
}
// [/job]

http::mock_reply shop(const http::mock_request& request) {
    if (request.path() == "/login" && request.body() == "user=ada&password=s3cret+word") {
        return http::mock_reply(303).header("Location", "/").header("Set-Cookie", "session=42; Secure; HttpOnly");
    }
    if (request.header("Cookie") == "session=42") return http::mock_reply(200, "orders of ada");
    return http::mock_reply(403);
}

brio::awaitable<> main_() {
    http::session web(http::session_options().transport(http::mock(shop)));
    co_await show_orders(web, "s3cret word");
    co_await web.close();
}

int main() { brio::run(main_()); }
