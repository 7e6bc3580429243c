// SPDX-License-Identifier: BSL-1.0
// launch_plan: a command in the form in which the system takes it, made before anything is started.
#pragma once

#include <brio/core/config.hpp>
#include <brio/process/command.hpp>

#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

/// Owns all texts, so that what starts the child needs no memory any more.
class BRIO_API launch_plan {
public:
    /// Looks the program up along the child's PATH. Throws std::system_error when there is none.
    explicit launch_plan(const command_data& what);
    launch_plan(const launch_plan&) = delete;
    launch_plan& operator=(const launch_plan&) = delete;

    /// The file to run.
    [[nodiscard]] const char* file() const noexcept { return file_.c_str(); }
    [[nodiscard]] char* const* argv() const noexcept { return argv_.data(); }
    [[nodiscard]] char* const* envp() const noexcept { return envp_.data(); }
    /// Null: inherited.
    [[nodiscard]] const char* cwd() const noexcept { return what_.cwd.empty() ? nullptr : what_.cwd.c_str(); }
    [[nodiscard]] const std::vector<std::pair<int, rlimit>>& limits() const noexcept { return limits_; }
    [[nodiscard]] const command_data& what() const noexcept { return what_; }

    /// std::system_error for a start that failed with `error`.
    [[noreturn]] void fail(int error) const;

private:
    [[nodiscard]] const std::string& name() const noexcept { return what_.executable.empty() ? what_.args.front() : what_.executable; }
    void build_environment();
    void find_program();
    [[nodiscard]] bool is_program(const std::string& file, int& error) const;

    const command_data& what_;
    std::string file_;
    std::vector<std::string> environment_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
    std::vector<std::pair<int, rlimit>> limits_;
};

}  // namespace brio::inline v0::detail
