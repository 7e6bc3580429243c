// SPDX-License-Identifier: BSL-1.0
// file_tree: files below a folder, and no others.
#pragma once

#include "http/http_date.hpp"

#include <brio/io/unique_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// What of a request's path may be looked for on a disk.
struct file_path {
    std::string name;           ///< relative, `a/b`; empty for the folder itself
    bool must_be_folder = false;  ///< ends in a slash
};

/// Reads the percent-encoded path behind a prefix, without its first slash. Empty-handed when it must not be looked for: `.` and
/// `..` segments, however they are encoded, empty ones, encoded slashes, backslashes, NUL and other control characters, names
/// that begin with a dot unless these are wanted, malformed encoding.
[[nodiscard]] std::optional<file_path> read_file_path(std::string_view encoded, bool dotfiles);

/// What was found at a path.
struct found_file {
    std::shared_ptr<const unique_descriptor> file;  ///< null: nothing that can be served
    bool is_folder = false;                         ///< a folder is there, whose name lacks its slash
    bool is_packed = false;                         ///< it is the gzip file that stands beside the one that was asked for
    std::string name;                               ///< its path, for the content type
    std::uint64_t size = 0;
    date_point modified{};
    std::string etag;
    std::optional<std::string> content;             ///< of a small file
};

/// How to look.
struct file_search {
    file_path path;
    std::string index;
    bool packed = false;  ///< look for `x.gz` first
    bool content = false; ///< read small files at once
    bool links = true;    ///< follow symbolic links that stay inside
};

/// The folder is opened for each search, so that another one may take its place meanwhile.
class file_tree {
public:
    /// Throws std::system_error when the folder cannot be opened.
    explicit file_tree(const std::string& folder);

    /// Blocks, so it is called in threads. Symbolic links are followed as long as they stay inside of the folder (where the
    /// system cannot tell, none are). Throws std::system_error for what is not the client's fault: no descriptors, a broken disk.
    [[nodiscard]] found_file find(const file_search& what) const;

    /// The same for one file wherever it is.
    [[nodiscard]] static found_file open_file(const std::string& path, bool packed, bool content);

private:
    std::string folder_;
};

}  // namespace brio::inline v0::http::detail
