// SPDX-License-Identifier: BSL-1.0
// Files and directories that go away with their owner.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/temp_operation.hpp>
#include <brio/detail/thread_call.hpp>
#include <brio/io/file.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace brio::inline v0 {

/// Where temporary things are made and how they are called; every setter gives the object back.
class BRIO_API temp_options {
public:
    temp_options() = default;

    /// Default: what the environment's TMPDIR says, else /tmp.
    temp_options& directory(std::string path) { directory_ = std::move(path); return *this; }
    /// The name is prefix, twelve random characters, suffix (default: "brio-" and nothing).
    temp_options& prefix(std::string text) { prefix_ = std::move(text); return *this; }
    temp_options& suffix(std::string text) { suffix_ = std::move(text); return *this; }

    [[nodiscard]] const std::string& chosen_directory() const noexcept { return directory_; }
    [[nodiscard]] const std::string& chosen_prefix() const noexcept { return prefix_; }
    [[nodiscard]] const std::string& chosen_suffix() const noexcept { return suffix_; }

private:
    std::string directory_;
    std::string prefix_ = "brio-";
    std::string suffix_;
};

/// A file, open for reading and writing, that is removed when this object goes: made by `make_temp_file`. Movable. Removal
/// is done in the background by a thread of the pool, or at once when no loop runs. Python's `NamedTemporaryFile`.
class BRIO_API temp_file : public file {
public:
    temp_file(temp_file&&) noexcept = default;
    temp_file& operator=(temp_file&&) noexcept = default;

    /// It is not removed any more; gives its path.
    std::string keep() { return name_.keep(); }

    /// For brio itself.
    temp_file(file open, detail::temp_name name) noexcept : file(std::move(open)), name_(std::move(name)) {}

private:
    detail::temp_name name_;
};

/// A directory that is removed, with all that is in it then, when this object goes: made by `make_temp_directory`.
/// Movable. Removal as of a `temp_file`. Python's `TemporaryDirectory`.
class BRIO_API temp_directory {
public:
    [[nodiscard]] const std::string& path() const noexcept { return name_.path(); }
    /// The path of something in it.
    [[nodiscard]] std::string operator/(std::string_view name) const { return path() + "/" + std::string(name); }

    /// It is not removed any more; gives its path.
    std::string keep() { return name_.keep(); }

    /// For brio itself.
    explicit temp_directory(detail::temp_name name) noexcept : name_(std::move(name)) {}

private:
    detail::temp_name name_;
};

/// Makes a file that nobody else has, for this user only (0600). Throws std::system_error. **Cancellation** releases the
/// waiting task at once and leaves nothing behind.
[[nodiscard]] BRIO_API detail::temp_file_operation make_temp_file(
    const temp_options& options = temp_options(), const source_location& where = source_location::current());
/// Makes a directory that nobody else has, for this user only (0700): the same.
[[nodiscard]] BRIO_API detail::temp_directory_operation make_temp_directory(
    const temp_options& options = temp_options(), const source_location& where = source_location::current());
/// Makes a file without a name, open for reading and writing, which is gone when it is closed, whatever happens to the
/// program. `prefix` and `suffix` have no effect. Python's `TemporaryFile`.
[[nodiscard]] BRIO_API detail::open_operation make_unnamed_file(
    const temp_options& options = temp_options(), const source_location& where = source_location::current());

}  // namespace brio::inline v0
