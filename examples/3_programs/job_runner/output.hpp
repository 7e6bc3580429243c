// SPDX-License-Identifier: BSL-1.0
// What the jobs print, line by line, each behind the name of its job.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jobs {

class output {
public:
    /// Names are padded to `width`; colours only for a terminal.
    output(std::size_t width, bool colours) : width_(width), colours_(colours) {}

    void line(std::size_t job, const std::string& name, std::string_view text);
    /// A line of the runner itself.
    void note(std::string_view text);

private:
    std::size_t width_;
    bool colours_;
};

}  // namespace jobs
