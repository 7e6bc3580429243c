// SPDX-License-Identifier: BSL-1.0
// A server whose certificate comes from a company's own authority: http_private_ca CA.PEM URL
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <iostream>

namespace http = brio::http;

// [job]
brio::awaitable<> check(std::string ca_file, std::string url) {
    http::session corporate(http::session_options().ca_file(ca_file));
    http::response health = co_await corporate.get(url);
    std::cout << health.status() << "\n";
    co_await corporate.close();
}
// [/job]

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: http_private_ca CA.PEM URL\n";
        return 2;
    }
    try {
        brio::run(check(argv[1], argv[2]));
    } catch (const http::error& e) {
        std::cerr << e.what() << "\n";
        return 1;
    }
}
