// SPDX-License-Identifier: BSL-1.0
// Many small files for a web server, each with a content that its number tells.
#pragma once

#include "temp_folder.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace brio_test {

/// From nothing to 12 KiB.
inline std::string page(std::size_t number) {
    std::string text;
    const std::size_t size = number * 7919 % 12'289;
    while (text.size() < size)
        text += "page " + std::to_string(number) + " at " + std::to_string(text.size()) + "\n";
    text.resize(size);
    return text;
}

inline void write_pages(const std::filesystem::path& folder, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) write_file(folder / (std::to_string(i) + ".txt"), page(i));
}

} // namespace brio_test
