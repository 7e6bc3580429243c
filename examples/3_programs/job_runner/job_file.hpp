// SPDX-License-Identifier: BSL-1.0
// The jobs of a file: names, what each needs, what it does.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace jobs {

/// A file that cannot be understood; the message begins with its line.
struct file_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct job {
    std::string name;
    std::vector<std::size_t> needs;  // places in the list of jobs
    std::string script;              // lines for a shell
};

/// Reads text like
///     # a comment
///     program: part-a part-b
///         cc -o program part-a.o part-b.o
/// A line that is not indented begins a job; indented lines are its commands. What a job needs may stand before or
/// behind it. Throws file_error: a need that no job has, a name met twice, jobs that need each other.
std::vector<job> parse_jobs(const std::string& text);

}  // namespace jobs
