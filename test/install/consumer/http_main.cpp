// SPDX-License-Identifier: BSL-1.0
// A user's program that links brio::http: compiled code and an exception that crosses the library's border.
#include <brio/core/build_info.hpp>
#include <brio/http/error.hpp>
#include <brio/http/url.hpp>

#include <iostream>

int main() {
    std::cout << brio::build_info() << '\n';
    bool refused = false;
    try {
        const brio::http::url wrong("http://[not-an-address/");
    } catch (const brio::http::invalid_url& problem) {
        refused = true;
        std::cout << problem.what() << '\n';
    }
    return refused ? 0 : 1;
}
