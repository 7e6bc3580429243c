// SPDX-License-Identifier: BSL-1.0
// A form with a file, which is read while it is sent.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <filesystem>
#include <fstream>

#include <iostream>

namespace http = brio::http;

// [job]
brio::awaitable<> upload(http::session& web, std::string photo) {
    http::multipart form;
    form.field("title", "Holiday").file("photo", photo, "image/jpeg", "beach.jpg");
    http::response answer = co_await web.post("https://images.example/upload", http::options().body(form));
    std::cout << answer.status() << "\n";
}
// [/job]

http::mock_reply images(const http::mock_request& request) {
    const bool is_whole = request.body().find("filename=\"beach.jpg\"") != std::string::npos && request.body().find("a picture") != std::string::npos;
    return http::mock_reply(is_whole ? 201 : 400);
}

brio::awaitable<> main_() {
    const std::string path = (std::filesystem::temp_directory_path() / "brio-example-beach.jpg").string();
    std::ofstream(path) << "a picture";
    http::session web(http::session_options().transport(http::mock(images)));
    co_await upload(web, path);
    std::filesystem::remove(path);
    co_await web.close();
}

int main() { brio::run(main_()); }
