// SPDX-License-Identifier: BSL-1.0
// A folder that goes away with its owner, and small helpers for files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace brio_test {

class temp_folder {
public:
    temp_folder();
    temp_folder(const temp_folder&) = delete;
    temp_folder& operator=(const temp_folder&) = delete;
    ~temp_folder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// Both throw std::runtime_error when they fail. Writing makes the folders on the way.
void write_file(const std::filesystem::path& file, std::string_view content);
std::string read_file(const std::filesystem::path& file);

} // namespace brio_test
