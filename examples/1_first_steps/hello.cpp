// SPDX-License-Identifier: BSL-1.0
// Two pages at the same time, the second with a deadline: `hello URL [URL]`.
// [hello]
#include <brio/brio.hpp>
#include <brio/http.hpp>
#include <iostream>

brio::awaitable<> main_(std::string a, std::string b) {
    brio::http::session web;
    auto pages = co_await brio::gather(web.get(a), brio::wait_for(web.get(b), std::chrono::seconds(5)));
    std::cout << std::get<0>(pages).status() << ", " << std::get<1>(pages).text().size() << " bytes\n";
}

int main(int argc, char** argv) { if (argc > 1) brio::run(main_(argv[1], argv[argc - 1])); }
// [/hello]
