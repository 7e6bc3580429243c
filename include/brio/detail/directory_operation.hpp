// SPDX-License-Identifier: BSL-1.0
// Opening a directory and reading its entries.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/sequence.hpp>
#include <brio/detail/thread_call.hpp>
#include <brio/io/file_info.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0 {

class directory_reader;

/// One name in a directory.
class BRIO_API directory_entry {
public:
    directory_entry(std::string path, std::size_t name_at, file_type type) noexcept
        : path_(std::move(path)), name_at_(name_at), type_(type) {}

    /// Without the directory.
    [[nodiscard]] std::string name() const { return path_.substr(name_at_); }
    /// With the directory, as that was given.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Of the entry itself: a symbolic link is one, wherever it leads. As it was when the directory was read.
    [[nodiscard]] file_type type() const noexcept { return type_; }
    [[nodiscard]] bool is_regular() const noexcept { return type_ == file_type::regular; }
    [[nodiscard]] bool is_directory() const noexcept { return type_ == file_type::directory; }

private:
    std::string path_;
    std::size_t name_at_;
    file_type type_;
};

namespace detail {

class directory_state;
class directory_stream;

class BRIO_API [[nodiscard("next does nothing unless it is awaited: co_await it")]] directory_next final
    : public sequence_operation {
public:
    using value_type = std::optional<directory_entry>;

    directory_next(ref<sequence> opened, const source_location& where) noexcept
        : sequence_operation(std::move(opened), "directory_reader.next()", where) {}
    directory_next(directory_next&&) noexcept = default;

    std::optional<directory_entry> resume() {
        throw_if_failed();
        return std::move(entry_);
    }

private:
    friend class directory_state;
    std::optional<directory_entry> entry_;
};

class BRIO_API [[nodiscard("open_directory does nothing unless it is awaited: co_await it")]] open_directory_operation final
    : public thread_wait {
public:
    using stream = std::shared_ptr<directory_stream>;
    using value_type = directory_reader;

    open_directory_operation(ref<thread_call_result<stream>> call, const source_location& where) noexcept
        : thread_wait(nullptr, std::move(call), "open_directory", where) {}
    open_directory_operation(open_directory_operation&&) noexcept = default;

    directory_reader resume();
};

}  // namespace detail
}  // namespace brio::inline v0
