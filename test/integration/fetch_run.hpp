// SPDX-License-Identifier: BSL-1.0
// Runs the program fetch, and looks at what it has written.
#pragma once

#include "child_process.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace brio_test {

struct outcome {
    int code;
    std::string output;
    std::string errors;
};

inline outcome run_fetch(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), BRIO_FETCH);
    child_process program(arguments, input);
    const int code = program.wait();
    return {code, program.output(), program.errors()};
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

inline std::set<std::string> names_in(const std::filesystem::path& folder) {
    std::set<std::string> names;
    if (!std::filesystem::exists(folder)) return names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        names.insert(entry.path().filename());
    return names;
}

}  // namespace brio_test
