// SPDX-License-Identifier: BSL-1.0
// A large file, with progress; what is cut off goes on where it was.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <filesystem>

#include <iostream>

namespace http = brio::http;
using namespace std::chrono_literals;

// [job]
brio::awaitable<> get_image(http::session& web, std::string path) {
    http::download_options how;
    how.resume();  // a part that stays behind is of use the next time
    how.progress([](const http::download_progress& p) { std::cout << p.percent().value_or(0) << " %\n"; });
    http::download_result got = co_await web.download("https://mirror.example.org/disk.iso", path, how);
    std::cout << got.size() << " bytes, " << got.resumed_from() << " of them from last time\n";
}
// [/job]

// Its connection breaks in the middle of the first answer.
http::mock_reply mirror(const http::mock_request& request) {
    const std::string disk(1'000'000, 'x');
    if (!request.headers().contains("Range")) return http::mock_reply(200, disk).header("ETag", "\"v1\"").cut(500'000);
    std::cout << "asked for " << request.header("Range") << "\n";
    const std::size_t from = std::stoul(std::string(request.header("Range").substr(6)));
    return http::mock_reply(206, disk.substr(from))
        .header("ETag", "\"v1\"")
        .header("Content-Range", "bytes " + std::to_string(from) + "-999999/1000000");
}

brio::awaitable<> main_() {
    const std::string path = (std::filesystem::temp_directory_path() / "brio-example-disk.iso").string();
    http::session web(http::session_options().transport(http::mock(mirror)));
    try {
        co_await get_image(web, path);
    } catch (const http::incomplete_body&) {
        std::cout << "cut off\n";
    }
    co_await get_image(web, path);
    std::filesystem::remove(path);
    co_await web.close();
}

int main() { brio::run(main_()); }
