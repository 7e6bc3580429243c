// SPDX-License-Identifier: BSL-1.0
// A program run by a test, its output kept.
#pragma once

#include "temp_folder.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace brio_test {

/// Starts a program at once; killed and awaited by the destructor if it still runs.
class child_process {
public:
    /// `arguments[0]` is the path of the program; `input` is what it reads from standard input.
    explicit child_process(const std::vector<std::string>& arguments, const std::string& input = {});
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    void signal(int number) const;
    /// The exit code, or 1000 + the number of the signal that ended it. Kills it and throws when it does not
    /// end in time.
    int wait(std::chrono::seconds limit = std::chrono::seconds(150));
    [[nodiscard]] bool running();
    /// What it has printed so far.
    [[nodiscard]] std::string output() const { return read_file(folder_ / "out"); }
    [[nodiscard]] std::string errors() const { return read_file(folder_ / "err"); }

private:
    temp_folder folder_;
    pid_t pid_ = -1;
    int code_ = -1;
};

/// Runs a program to its end and gives its output; throws with its error output when it fails.
std::string run_program(const std::vector<std::string>& arguments);

} // namespace brio_test
