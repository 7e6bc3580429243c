// SPDX-License-Identifier: BSL-1.0
// Lines with prefixes.
#include "output.hpp"

#include <iostream>
#include <iterator>

namespace jobs {

void output::line(std::size_t job, const std::string& name, std::string_view text) {
    constexpr const char* colours[] = {"\033[36m", "\033[33m", "\033[32m", "\033[35m", "\033[34m", "\033[31m"};
    const std::string padding(width_ > name.size() ? width_ - name.size() : 0, ' ');
    if (colours_) std::cout << colours[job % std::size(colours)];
    std::cout << name << padding << " | ";
    if (colours_) std::cout << "\033[0m";
    std::cout << text << std::endl;
}

void output::note(std::string_view text) { std::cout << text << std::endl; }

}  // namespace jobs
