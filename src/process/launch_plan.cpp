// SPDX-License-Identifier: BSL-1.0
// Arguments, environment and the search along PATH.
#include "process/launch_plan.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

extern "C" char** environ;

namespace brio::inline v0::detail {

namespace {

constexpr std::string_view default_path = "/bin:/usr/bin";

int resource_of(process_limit what) noexcept {
    switch (what) {
        case process_limit::cpu_seconds: return RLIMIT_CPU;
        case process_limit::memory_bytes: return RLIMIT_AS;
        case process_limit::data_bytes: return RLIMIT_DATA;
        case process_limit::stack_bytes: return RLIMIT_STACK;
        case process_limit::file_bytes: return RLIMIT_FSIZE;
        case process_limit::core_bytes: return RLIMIT_CORE;
        case process_limit::open_files: return RLIMIT_NOFILE;
        case process_limit::processes: return RLIMIT_NPROC;
    }
    return RLIMIT_NOFILE;
}

bool is_directory(const char* path) noexcept {
    struct stat about{};
    return ::stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

}  // namespace

launch_plan::launch_plan(const command_data& what) : what_(what) {
    build_environment();
    find_program();
    for (const std::string& word : what_.args) argv_.push_back(const_cast<char*>(word.c_str()));
    argv_.push_back(nullptr);
    for (const resource_limit& limit : what_.limits) {
        rlimit values{};
        values.rlim_cur = static_cast<rlim_t>(limit.soft);
        values.rlim_max = static_cast<rlim_t>(limit.hard);
        limits_.emplace_back(resource_of(limit.what), values);
    }
}

void launch_plan::build_environment() {
    if (!what_.clear_env) {
        for (char** item = environ; item && *item; ++item) {
            const std::string_view text(*item);
            if (!what_.env.contains(text.substr(0, text.find('=')))) environment_.emplace_back(text);
        }
    }
    for (const auto& [variable, value] : what_.env) {
        if (value) environment_.push_back(variable + "=" + *value);
    }
    for (std::string& item : environment_) envp_.push_back(item.data());
    envp_.push_back(nullptr);
}

bool launch_plan::is_program(const std::string& file, int& error) const {
    const std::string seen = file.front() == '/' || what_.cwd.empty() ? file : what_.cwd + "/" + file;
    struct stat about{};
    if (::stat(seen.c_str(), &about) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) error = errno;
        return false;
    }
    if (!S_ISREG(about.st_mode) || ::faccessat(AT_FDCWD, seen.c_str(), X_OK, AT_EACCESS) != 0) {
        error = EACCES;
        return false;
    }
    return true;
}

void launch_plan::find_program() {
    file_ = name();
    if (file_.find('/') != std::string::npos) return;  // the system says whether it can be run
    std::string_view path = default_path;
    for (const std::string_view item : environment_) {
        if (item.starts_with("PATH=")) path = item.substr(5);
    }
    int error = ENOENT;
    while (true) {
        const std::size_t end = path.find(':');
        const std::string_view folder = path.substr(0, end);
        file_ = folder.empty() ? "./" + name() : std::string(folder) + "/" + name();
        if (is_program(file_, error)) return;
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
    }
    file_ = name();
    fail(error);
}

void launch_plan::fail(int error) const {
    std::string text = "cannot start '" + name() + "'";
    const bool about_path = error == ENOENT || error == ENOTDIR || error == EACCES;
    if (about_path && cwd() && !is_directory(cwd())) {
        text += " in the directory '" + what_.cwd + "', which does not exist or is none";
    } else if (error == ENOENT && file_.find('/') == std::string::npos) {
        text += ": no directory of PATH has such a program";
    } else if (error == ENOENT && file_ != name()) {
        text += ": there is " + file_ + ", but not what runs it (the program in its first line, or the loader)";
    } else if (error == ENOEXEC) {
        text += ": it is neither a program for this machine nor a script that begins with #!";
    } else if (error == E2BIG) {
        text += ": its arguments and environment are too long";
    }
    throw std::system_error(error, std::system_category(), text);
}

}  // namespace brio::inline v0::detail
