// SPDX-License-Identifier: BSL-1.0
// What these small programs share: words of the command line, and an end by Ctrl-C.
#pragma once

#include <brio/brio.hpp>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

inline std::string word(int count, char** words, int index, const char* otherwise) {
    return index < count ? words[index] : otherwise;
}

inline std::uint16_t port_of(const std::string& text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || *end != '\0') throw std::invalid_argument("'" + text + "' is no port: give a number from 0 to 65535");
    return port;
}

// Runs `make()`, a coroutine, to its end. Ctrl-C ends it in good order.
template <class Make>
int run_program(Make make) {
    try {
        brio::run(make());
        return 0;
    } catch (const brio::interrupted&) {
        return 130;
    } catch (const std::exception& e) {
        std::cerr << e.what() << "\n";
        return 1;
    }
}
