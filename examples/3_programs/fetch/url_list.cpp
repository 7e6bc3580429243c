// SPDX-License-Identifier: BSL-1.0
// Reading lists of URLs.
#include "url_list.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

namespace fetch {

namespace {

void read_lines(std::istream& from, std::vector<std::string>& urls) {
    constexpr const char* spaces = " \t\r";
    for (std::string line; std::getline(from, line);) {
        const auto first = line.find_first_not_of(spaces);
        if (first == line.npos || line[first] == '#') continue;
        const auto last = line.find_last_not_of(spaces);
        urls.push_back(line.substr(first, last - first + 1));
    }
}

void read_file(const std::string& name, std::vector<std::string>& urls) {
    if (name == "-") return read_lines(std::cin, urls);
    std::ifstream file(name);
    if (file) file.peek(); // a folder can be opened, but not read
    if (!file && !file.eof()) throw usage_error("cannot read '" + name + "': " + std::strerror(errno));
    read_lines(file, urls);
}

} // namespace

std::vector<std::string> read_urls(const settings& chosen) {
    std::vector<std::string> urls;
    for (const std::string& url : chosen.urls) {
        if (url == "-") {
            read_lines(std::cin, urls);
        } else {
            urls.push_back(url);
        }
    }
    if (!chosen.url_file.empty()) read_file(chosen.url_file, urls);
    return urls;
}

} // namespace fetch
