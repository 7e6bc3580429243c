// SPDX-License-Identifier: BSL-1.0
// Serves the files of a folder over HTTP/1.0, by sendfile. usage: static_files FOLDER [PORT [HOST]]
// brio::http::server can do far more; this one shows streams.
#include "serve.hpp"

#include <chrono>
#include <filesystem>
#include <optional>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// The size of a regular file inside of `folder`; looks at the disk, so it is called in a thread.
std::optional<std::uintmax_t> size_of(const fs::path& folder, const fs::path& file) {
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(file, ignored);
    const fs::path inside = real.lexically_relative(folder);
    if (inside.empty() || *inside.begin() == ".." || !fs::is_regular_file(real, ignored)) return std::nullopt;
    return fs::file_size(real);
}

// [files]
// The path of "GET /path HTTP/1.0"; empty when it is something else. Header fields are read and ignored.
brio::awaitable<std::string> read_request(brio::stream& client) {
    const auto first = co_await client.next_line();
    while (auto line = co_await client.next_line()) {
        if (line->empty()) break;
    }
    if (!first || !first->starts_with("GET /")) co_return "";
    co_return first->substr(5, first->rfind(' ') - 5);
}

class site {
public:
    explicit site(fs::path folder) : folder_(fs::canonical(folder)) {}

    brio::awaitable<> serve(brio::stream client) const {
        const std::string path = co_await brio::wait_for(read_request(client), 10s);
        const fs::path file = folder_ / path;
        const std::optional<std::uintmax_t> size = co_await brio::to_thread(&size_of, folder_, file);
        if (size) {
            client.write("HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(*size) + "\r\n\r\n");
            co_await client.send_file(file, 0, *size);
        } else {
            client.write("HTTP/1.0 404 Not Found\r\nContent-Length: 10\r\n\r\nnot found\n");
        }
        client.close();
        co_await client.wait_closed();
    }

private:
    fs::path folder_;
};
// [/files]

brio::awaitable<> serve(std::string folder, std::string host, std::uint16_t port) {
    const site files(folder);
    const auto handler = [&files](brio::stream client) -> brio::awaitable<> {
        try {
            co_await files.serve(std::move(client));
        } catch (const std::exception& e) { // it hung up, or took too long
            std::cerr << e.what() << "\n";
        }
    };
    brio::server_options options;
    options.max_connections(1000);
    brio::server server = co_await brio::start_server(handler, std::move(host), port, options);
    std::cout << "listening on " << server.addresses().front() << std::endl;
    co_await server.serve_forever();
}

} // namespace

int main(int count, char** words) {
    if (count < 2) {
        std::cerr << "usage: static_files FOLDER [PORT [HOST]]\n";
        return 2;
    }
    return run_program([&] { return serve(words[1], word(count, words, 3, "127.0.0.1"), port_of(word(count, words, 2, "7080"))); });
}
