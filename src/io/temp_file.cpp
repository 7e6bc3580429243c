// SPDX-License-Identifier: BSL-1.0
// Names that nobody else has, and their removal.
#include <brio/io/temp_file.hpp>

#include "io/background.hpp"
#include "io/file_state.hpp"
#include "io/posix_file.hpp"
#include "io/thread_verb.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace brio::inline v0 {

namespace detail {

temp_name& temp_name::operator=(temp_name&& other) noexcept {
    temp_name old(std::move(*this));
    path_ = std::exchange(other.path_, {});
    is_directory_ = other.is_directory_;
    kept_ = other.kept_;
    return *this;
}

temp_name::~temp_name() {
    if (path_.empty() || kept_) return;
    run_in_background([path = std::move(path_), is_directory = is_directory_] {
        if (is_directory) {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
        } else {
            ::unlink(path.c_str());
        }
    });
}

temp_file temp_file_operation::resume() {
    made_temp_file made = static_cast<thread_call_result<made_temp_file>&>(*call_).take();
    return temp_file(file(make_file_state(std::move(made.file))), std::move(made.name));
}

temp_directory temp_directory_operation::resume() {
    return temp_directory(static_cast<thread_call_result<temp_name>&>(*call_).take());
}

}  // namespace detail

namespace {

using namespace detail;

std::string folder_for(const temp_options& options) {
    if (!options.chosen_directory().empty()) return options.chosen_directory();
    const char* const wanted = std::getenv("TMPDIR");
    return wanted && *wanted ? wanted : "/tmp";
}

std::string new_path(const temp_options& options) {
    return join_path(folder_for(options), options.chosen_prefix() + random_name() + options.chosen_suffix());
}

opened_file opened(unique_descriptor fd, std::string path) {
    return opened_file(std::make_shared<open_descriptor>(std::move(fd)), std::move(path), false, file_options().chosen_buffer_size());
}

made_temp_file make_file_now(temp_options options) {
    for (;;) {
        std::string path = new_path(options);
        unique_descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (fd) {
            temp_name name(path, false);
            return made_temp_file(opened(std::move(fd), std::move(path)), std::move(name));
        }
        if (errno != EEXIST && errno != EINTR) throw file_error("make_temp_file failed:", path, errno);
    }
}

temp_name make_directory_now(temp_options options) {
    for (;;) {
        std::string path = new_path(options);
        if (::mkdir(path.c_str(), 0700) == 0) return temp_name(std::move(path), true);
        if (errno != EEXIST) throw file_error("make_temp_directory failed:", path, errno);
    }
}

opened_file make_unnamed_now(temp_options options) {
    const std::string folder = folder_for(options);
    int fd = ::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {  // not every file system can
        made_temp_file named = make_file_now(std::move(options));
        ::unlink(named.name.keep().c_str());
        return std::move(named.file);
    }
    if (fd < 0) throw file_error("make_unnamed_file failed:", folder, errno);
    return opened(unique_descriptor(fd), folder);
}

}  // namespace

temp_file_operation make_temp_file(const temp_options& options, const source_location& where) {
    return temp_file_operation(make_thread_call(&make_file_now, options), where);
}

temp_directory_operation make_temp_directory(const temp_options& options, const source_location& where) {
    return temp_directory_operation(make_thread_call(&make_directory_now, options), where);
}

open_operation make_unnamed_file(const temp_options& options, const source_location& where) {
    return open_operation(make_thread_call(&make_unnamed_now, options), where);
}

}  // namespace brio::inline v0
