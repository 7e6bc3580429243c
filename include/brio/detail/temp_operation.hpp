// SPDX-License-Identifier: BSL-1.0
// Making temporary things.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/file_operation.hpp>
#include <brio/detail/thread_call.hpp>

#include <string>
#include <utility>

namespace brio::inline v0 {
class temp_directory;
class temp_file;
}

namespace brio::inline v0::detail {

/// Owns a name in the file system: its end removes what is there, in the background.
class BRIO_API temp_name {
public:
    temp_name(std::string path, bool is_directory) noexcept : path_(std::move(path)), is_directory_(is_directory) {}
    temp_name(temp_name&& other) noexcept
        : path_(std::exchange(other.path_, {})), is_directory_(other.is_directory_), kept_(other.kept_) {}
    temp_name& operator=(temp_name&& other) noexcept;
    ~temp_name();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    std::string keep() {
        kept_ = true;
        return path_;
    }

private:
    std::string path_;  // empty: moved from
    bool is_directory_;
    bool kept_ = false;
};

/// What a thread has made.
class BRIO_API made_temp_file {
public:
    made_temp_file(opened_file open, temp_name its_name) noexcept : file(std::move(open)), name(std::move(its_name)) {}
    made_temp_file(made_temp_file&&) noexcept = default;

    opened_file file;
    temp_name name;
};

class BRIO_API [[nodiscard("make_temp_file does nothing unless it is awaited: co_await it")]] temp_file_operation final
    : public thread_wait {
public:
    using value_type = temp_file;
    temp_file_operation(ref<thread_call_result<made_temp_file>> call, const source_location& where) noexcept
        : thread_wait(nullptr, std::move(call), "make_temp_file", where) {}
    temp_file_operation(temp_file_operation&&) noexcept = default;

    temp_file resume();
};

class BRIO_API [[nodiscard("make_temp_directory does nothing unless it is awaited: co_await it")]] temp_directory_operation final
    : public thread_wait {
public:
    using value_type = temp_directory;
    temp_directory_operation(ref<thread_call_result<temp_name>> call, const source_location& where) noexcept
        : thread_wait(nullptr, std::move(call), "make_temp_directory", where) {}
    temp_directory_operation(temp_directory_operation&&) noexcept = default;

    temp_directory resume();
};

}  // namespace brio::inline v0::detail
