// SPDX-License-Identifier: BSL-1.0
// A file that appears under its name when it is complete, or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace fetch {

/// Writes to `.NAME.N.part` beside the file; `commit` renames that. Destroyed before, it removes it.
/// Its functions block: call them on a thread. Errors are `std::system_error`.
class part_file {
public:
    /// Touches nothing yet; the first `append` creates the file.
    explicit part_file(std::filesystem::path final_path);
    part_file(const part_file&) = delete;
    part_file& operator=(const part_file&) = delete;
    ~part_file();

    void append(std::string_view bytes);
    void commit();

private:
    void open();
    void close();
    [[noreturn]] void fail(const char* what) const;

    std::filesystem::path final_;
    std::filesystem::path part_;
    int descriptor_ = -1;
    bool exists_ = false;
};

} // namespace fetch
